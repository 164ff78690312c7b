/** Three collectors with one token: one reads, two stand by, and one of them follows the one that dies or stops. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type FleetMember, FleetTrial, type SentTweet, unaccounted } from "../support/fleet_trial.ts";
import { serviceTest } from "../support/services.ts";
import { runTraptor, startTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

/** The one of them that holds the connection now, after another one. */
async function follower(others: readonly FleetMember[], before: readonly number[]): Promise<FleetMember> {
  const hasConnected = (member: FleetMember, at: number) =>
    /Connected to X/.test(member.process.stderr.slice(before[at]));
  return await waitUntil(() => others.find(hasConnected), { what: "another one reads", withinMs: 60_000 });
}

serviceTest({
  name:
    "three collectors, one token: one is live, two stand by; the live one is killed, and each tweet is accounted for",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    await using simulate = startTraptor(["simulate", "--rate", "50"]);
    await simulate.says(/The simulator listens at http:\/\/127\.0\.0\.1:\d+/);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(simulate.stderr)![0];
    const { token } = trial.simulator;
    const place = { args: ["--api-url", url], env: { BEARER_TOKEN: token } };
    const members = await trial.members(3, place);
    const [first, ...others] = members as [FleetMember, ...FleetMember[]];
    await first.gets(20);
    await waitUntil(async () => (await trial.status()).code === 0, { what: "all is well", withinMs: 30_000 });
    const { code, stdout } = await trial.traptor("status");
    assertEquals(code, 0, stdout);
    assertMatch(stdout, /^All is well; /);
    assertMatch(stdout, new RegExp(`^  holder   \\S+ \\(${first.id}\\), live for `, "m"));
    for (const { id } of others) assertMatch(stdout, new RegExp(`^  standbys .*\\(${id}\\)`, "m"));
    assertMatch(stdout, /^ {2}gaps +0 open; 0 s in all$/m);
    assertMatch(stdout, /^track:0 +yes .* 2 +live$/m);
    const shown = (await trial.status()).apps;
    assertEquals(shown.map(({ holders, standbys }) => [holders, [...standbys].sort()]), [[
      [first.id],
      others.map(({ id }) => id).sort(),
    ]]);

    const before = others.map(({ process }) => process.stderr.length);
    await first.kill();
    const second = await follower(others, before);
    await second.gets(20);
    assertEquals((await trial.status()).apps[0]!.holders, [second.id]);

    first.start();
    await first.standsBy();
    assertEquals(/Connected to X/.test(first.process.stderr), false, first.process.stderr);
    for (const member of [first, ...others.filter((other) => other !== second), second]) await member.stop();
    for (const member of members) await member.verifies();

    const [lost, ...stops] = (await second.gaps()).filter(({ cause }) => cause !== "stopped");
    assertEquals([lost!.cause, stops, lost!.ended_at !== null], ["holder_lost", [], true], JSON.stringify(lost));
    assert(lost!.detail.startsWith(`${first.id} on `), lost!.detail);
    const idle = others.find((other) => other !== second)!;
    assertEquals(await idle.gaps(), [], "who stands by misses nothing");
    const sent: SentTweet[] = (await (await fetch(`${url}/sim/sent`)).text()).trimEnd().split("\n")
      .map((line) => JSON.parse(line));
    assert(sent.length >= 40);
    assertEquals(await unaccounted(sent, members), []);
    const table = await runTraptor(["gaps", "list", "--state-dir", "state"], { cwd: second.folder });
    assertMatch(table.stdout, new RegExp(`the instance that held the app's connection was lost: ${first.id} on `));
  },
});

serviceTest({
  name: "a holder that stops hands over at once: its successor accounts for what was missed, and its own gap says so",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    const [first, second] = await trial.members(2) as [FleetMember, FleetMember];
    await first.gets(20);
    const { stderr } = await first.stop();
    assertEquals(/lets the app's connection go/.test(stderr), false, stderr);
    await second.collects();
    await second.gets(20);
    const [gap, ...more] = await second.gaps();
    assertEquals([gap!.cause, more], ["handed_over", []]);
    assert(gap!.detail.startsWith(`${first.id} on `), gap!.detail);
    // From the last sign of life on: the last tweet before is the last that the first one has.
    const ids = await first.tweetIds();
    const [lastId] = ids.toSorted().slice(-1);
    const sent = trial.simulator.sent();
    const lastAt = sent.find(({ id }) => id === lastId)!.at;
    const began = Date.parse(gap!.began_at);
    const nextAt = sent.find(({ at, id }) => at > lastAt && id !== lastId)!.at;
    assert(began >= lastAt - 100 && began <= nextAt, `${lastAt} ${began} ${nextAt}`);
    assert(Date.parse(gap!.ended_at!) >= began, JSON.stringify(gap));

    first.start();
    await first.standsBy();
    await waitUntil(async () => (await first.gaps())[0]?.ended_at != null, { what: "its own gap is over" });
    const [own, ...others] = await first.gaps();
    assertEquals([own!.cause, own!.state, others], ["stopped", "closed", []]);
    assertMatch(own!.outcome, new RegExp(`^${second.id} on .* has taken over`));
    await second.stop();
    await first.collects();
    await first.stop();
    for (const member of [first, second]) await member.verifies();
    assertEquals(await unaccounted(sent, [first, second]), []);
  },
});
