/** `traptor handover`, as people use it before an upgrade. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type FleetMember, FleetTrial } from "../support/fleet_trial.ts";
import { serviceTest } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

serviceTest({
  name: "handover, from any machine: another instance reads, the one before stands by and leaves it that",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    const [first, second] = await trial.members(2) as [FleetMember, FleetMember];
    await first.gets(20);
    const before = first.process.stderr.length;
    const { code, stderr, stdout } = await trial.traptor("handover", "--json");
    assertEquals(code, 0, stderr);
    const host = Deno.hostname();
    assertEquals(JSON.parse(stdout), { from: { id: first.id, host }, to: { id: second.id, host } });
    await second.collects();
    await first.standsBy(before);
    const log = first.process.stderr.slice(before);
    assertMatch(log, /This instance lets the app's connection go: a person asked for a handover/);
    await second.gets(20);
    assertEquals(/Connected to X/.test(first.process.stderr.slice(before)), false);
    assertEquals((await trial.status()).apps[0]!.holders, [second.id]);

    const [gap, ...more] = await second.gaps();
    assertEquals([gap!.cause, more], ["handed_over", []]);
    const [own, ...others] = await first.gaps();
    assertEquals([own!.cause, own!.state, others], ["let_go", "closed", []]);
    assertMatch(own!.detail, /a person asked for a handover/);
    assertMatch(own!.outcome, new RegExp(`^${second.id} on .* has taken over`));
    assert(own!.ended_at !== null && own!.ended_at <= gap!.ended_at!, JSON.stringify([own, gap]));

    // And back again, told in words, from the machine that has it.
    const back = await second.traptor("handover");
    assertEquals([back.code, back.stdout], [
      0,
      `${second.id} on ${host} has stepped down; ${first.id} on ${host} holds the app's connection now\n`,
    ], back.stderr);
    await first.collects(before);
    await first.gets(5);
    for (const member of [first, second]) {
      await member.stop();
      await member.verifies();
    }
    const ids = new Set([...await first.tweetIds(), ...await second.tweetIds()]);
    const copies = (await first.tweetIds()).length + (await second.tweetIds()).length;
    assertEquals(ids.size, copies, "no tweet is in both sinks");
  },
});

serviceTest({
  name: "nobody steps down where nobody could follow: 69; where nobody holds the connection: 75",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    const [only] = await trial.members(1) as [FleetMember];
    await only.gets(5);
    const alone = await only.traptor("handover", "--json");
    assertEquals([alone.code, alone.stdout], [69, ""], alone.stderr);
    assertMatch(
      alone.stderr,
      new RegExp(`^Cannot hand over: ${only.id} on \\S+ says: no other instance of this app is there .*\\n.*\\n$`),
    );
    await only.gets(5);
    assertEquals(/lets the app's connection go/.test(only.process.stderr), false);

    await only.stop();
    const isFree = async () => await trial.ask("EXISTS", `traptor:lease:${await trial.app()}`) === 0;
    await waitUntil(isFree, { what: "nobody has the lease" });
    const nobody = await only.traptor("handover");
    assertEquals([nobody.code, nobody.stdout], [75, ""]);
    assertMatch(
      nobody.stderr,
      /^Cannot hand over: no instance of the app [0-9a-f]{12} holds its connection now\n.*\n$/,
    );
  },
});

serviceTest({
  name: "a standby that is gone is nobody who could follow: who reads goes on",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    const [first, second] = await trial.members(2) as [FleetMember, FleetMember];
    await second.kill();
    const isNoticed = async () => (await trial.status()).apps[0]!.standbys.length === 0;
    await waitUntil(isNoticed, { what: "the standby is gone" });
    const { stderr } = await waitUntil(async () => {
      const ended = await trial.traptor("handover");
      return ended.code === 69 ? ended : undefined;
    }, { what: "nobody is there to follow", withinMs: 50_000 });
    assertMatch(stderr, /no other instance of this app is there to take over/);
    await first.gets(5);
  },
});

serviceTest({
  name: "handover says what is in its way: rules in a file, no token with several apps, a Redis that is away",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    const [only] = await trial.members(1) as [FleetMember];
    const file = await only.traptor("handover", "--rules", "file:rules.txt");
    assertEquals([file.code, file.stdout], [78, ""]);
    assertMatch(file.stderr, /^Cannot hand over: the rules are in a file.*\n.*\n$/);
    await trial.ask("HSET", "traptor:instances", "0123456789ab:0123abcd", JSON.stringify({ app: "0123456789ab" }));
    const several = await trial.traptor("handover");
    assertEquals([several.code, several.stdout], [78, ""]);
    assertMatch(
      several.stderr,
      /^Cannot hand over: no token is set, and there are 2 apps in Redis\n.*BEARER_TOKEN.*\n$/,
    );
    await trial.redis.process.kill();
    const away = await only.traptor("handover");
    assertEquals([away.code, away.stdout], [69, ""]);
    assertMatch(away.stderr, /^Cannot hand over: nothing answers at .*\n.*\n$/);
  },
});
