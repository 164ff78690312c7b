/** A fleet whose Redis is away, and comes back with what it held, or with nothing. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type FleetMember, FleetTrial, unaccounted } from "../support/fleet_trial.ts";
import { serviceTest } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

async function owner(trial: FleetTrial): Promise<string | undefined> {
  return (await trial.hash(`traptor:lease:${await trial.app()}`))["owner"]?.split(":")[0];
}

async function holds(trial: FleetTrial, member: FleetMember): Promise<void> {
  const isIt = async () => await owner(trial) === member.id;
  await waitUntil(isIt, { what: "it has the lease again", withinMs: 30_000 });
}

/** It goes on with the connection that it had, and all that came on it is in its sink. */
async function missesNothing(trial: FleetTrial, only: FleetMember): Promise<void> {
  await only.gets(20);
  assertEquals(await only.gaps(), []);
  await only.stop();
  assertEquals(trial.simulator.connections().length, 1, only.process.stderr);
  await only.verifies();
  assertEquals(await unaccounted(trial.simulator.sent(), [only]), []);
}

/** Alone is who has heard of nobody for three of these. */
const SOON_ALONE = { HEARTBEAT_INTERVAL: "300ms" };

serviceTest({
  name:
    "an instance that is alone goes on beside a Redis that does not answer, holds the lease again, and misses nothing",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    const lease = { LEASE_TTL: "3s", LEASE_RENEW: "500ms", ...SOON_ALONE };
    const [only] = await trial.members(1, { env: lease }) as [FleetMember];
    await only.gets(20);
    await trial.redis.process.pause();
    await only.says(
      /Redis does not say who holds .*No other instance was there when this one last looked, so it goes on/,
    );
    // Beyond the time of its lease, again and again.
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    await only.gets(20);
    await trial.redis.process.resume();
    await only.says(/Redis tells of the other instances again/);
    await holds(trial, only);
    await missesNothing(trial, only);
  },
});

serviceTest({
  name: "an instance that is alone goes on without Redis, and with one that comes back empty, and misses nothing",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    const [only] = await trial.members(1, { env: SOON_ALONE }) as [FleetMember];
    await only.gets(20);
    await trial.redis.process.kill();
    await only.says(
      /Redis does not say who holds .*No other instance was there when this one last looked, so it goes on/,
    );
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    await only.gets(20);
    await trial.redis.process.start();
    await trial.ask("SADD", "traptor-track:0", "deno");
    await holds(trial, only);
    await missesNothing(trial, only);
  },
});

serviceTest({
  name: "of two instances the holder stands by when its lease is over, says why, and one resumes when Redis is back",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    const members = await trial.members(2) as [FleetMember, FleetMember];
    const [first, second] = members;
    await first.gets(20);
    // What a new beat tells: there are two of them.
    await waitUntil(async () => (await trial.status()).apps[0]!.standbys.length === 1, { what: "both are there" });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const before = first.process.stderr.length;
    await trial.redis.process.pause();
    await first.says(/This instance lets the app's connection go: Redis has not confirmed it in time/, before);
    await first.says(/Standing by: Redis does not say who holds .*others may/, before);
    await second.says(/Standing by: Redis does not say who holds .*others may/);
    assertEquals(/Connected to X/.test(second.process.stderr), false);
    assert(trial.simulator.connections().every(({ closedAt }) => closedAt !== undefined), "nobody reads");
    await trial.redis.process.resume();
    const has = (member: FleetMember, after: number) => /Connected to X/.test(member.process.stderr.slice(after));
    await waitUntil(() => has(first, before) || has(second, 0), { what: "one of them reads", withinMs: 30_000 });
    const [next, idle] = has(second, 0) ? [second, first] : [first, second];
    await next.gets(20);
    await idle.standsBy(before);
    for (const member of [idle, next]) {
      await member.stop();
      await member.verifies();
    }
    assertEquals(await unaccounted(trial.simulator.sent(), members), []);
    const causes = (await first.gaps()).map(({ cause }) => cause);
    assertEquals(causes[0], "let_go");
    const [gap] = await first.gaps();
    assertMatch(gap!.detail, /Redis has not confirmed it in time/);
    assert(gap!.ended_at !== null, "what nobody read has an end");
  },
});

serviceTest({
  name:
    "a Redis of two instances that comes back empty gives the connection to nobody for a lease's time, then one goes on",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    const members = await trial.members(2) as [FleetMember, FleetMember];
    const [first, second] = members;
    await first.gets(20);
    await waitUntil(async () => (await trial.status()).apps[0]!.standbys.length === 1, { what: "both are there" });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const generation = async () => Number(await trial.ask("GET", `traptor:generation:${await trial.app()}`));
    const known = await generation();
    const marks = members.map(({ process }) => process.stderr.length) as [number, number];
    const connects = trial.simulator.connections().length;
    await trial.redis.process.kill();
    await trial.redis.process.start();
    await trial.ask("SADD", "traptor-track:0", "deno");
    const startedAt = Date.now();
    const has = (at: 0 | 1) => /Connected to X/.test(members[at].process.stderr.slice(marks[at]));
    await waitUntil(() => has(0) || has(1), { what: "one of them reads", withinMs: 30_000 });
    const [since] = /\d+$/.exec(String(await trial.ask("GET", "traptor:epoch")))!;
    const next = trial.simulator.connections().slice(connects).find(({ status }) => status === 200)!;
    assert(next.at - Number(since) >= 1_990, `a request ${next.at - Number(since)} ms after Redis was new`);
    assert(Number(since) >= startedAt - 5_000);
    assert(await generation() > known, "generations go on");
    const told = members.map(({ process }, at) => process.stderr.slice(marks[at])).join("");
    assertMatch(told, /Standing by: Redis is new or was started again, and may have forgotten who holds/);
    const reader = has(0) ? first : second;
    await reader.gets(20);
    for (const member of members.toSorted((one) => one === reader ? 1 : -1)) {
      await member.stop();
      await member.verifies();
    }
    const gaps = (await Promise.all(members.map((member) => member.gaps()))).flat();
    const lost = gaps.filter(({ cause }) => cause !== "stopped");
    assert(lost.length > 0, "the seconds are in the register");
    assertEquals(lost.filter(({ ended_at }) => ended_at === null), []);
    assertEquals(await unaccounted(trial.simulator.sent(), members), []);
    // What nobody read lies in gaps: from the end of the one connection to the begin of the next.
    const ended = trial.simulator.connections()[connects - 1]!.closedAt!;
    const isCovered = lost.some(({ began_at, ended_at }) =>
      Date.parse(began_at) <= ended && Date.parse(ended_at!) >= next.at
    );
    const covers = lost.map(({ began_at, cause, ended_at }) => [cause, began_at, ended_at]);
    const shown = JSON.stringify([covers, new Date(ended), new Date(next.at)]);
    assert(isCovered || lost.length > 1, shown);
  },
});
