/** What `traptor gaps` says of what happened to a collector. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Collecting, startCollecting } from "../support/collecting.ts";
import { freePort } from "../support/free_port.ts";
import { runTraptor, startTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

const COLLECT = ["--sink", "file:tweets", "--state-dir", "state"];

async function gapsOf({ folder }: Collecting) {
  const { code, stdout, stderr } = await runTraptor(["gaps", "list", "--json", "--state-dir", "state"], {
    cwd: folder,
  });
  assertEquals(code, 0, stderr);
  return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

async function moreSent({ simulator }: Collecting, tweets: number): Promise<void> {
  const before = simulator.sent().length;
  await waitUntil(() => simulator.sent().length >= before + tweets, { what: `${tweets} more tweets are sent` });
}

function againWith(run: Collecting) {
  const args = ["--api-url", run.simulator.url, "--rules", `file:${run.folder}/rules.txt`, ...COLLECT];
  return startTraptor(args, { cwd: run.folder, env: { BEARER_TOKEN: run.simulator.token } });
}

Deno.test("a disconnect, a kill and a stop each leave their gap, from the last sign of life to the next", async () => {
  const status = freePort();
  await using run = await startCollecting([...COLLECT, "--status-listen", `127.0.0.1:${status}`], {
    rules: "deno\ncoffee\n",
    simulator: { rate: 50 },
  });
  await run.collector.says(/Connected to X/);
  await moreSent(run, 20);
  assertEquals(await gapsOf(run), []);

  run.simulator.fault("disconnect");
  await run.collector.says(/Connected to X[^]*Connected to X/);
  await moreSent(run, 20);
  await waitUntil(async () => (await gapsOf(run))[0]?.ended_at != null, { what: "the gap has an end" });
  const metrics = await (await fetch(`http://127.0.0.1:${status}/metrics`)).text();
  assertMatch(metrics, /\ntraptor_gaps_open 1\n/);
  assertMatch(metrics, /\ntraptor_gap_seconds_total 0?\.?\d+/);
  assertMatch(metrics, /\ntraptor_stream_state\{state="(live|idle)"\} 1\n/);

  await run.collector.end("SIGKILL");
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await using again = againWith(run);
  await again.says(/Connected to X/);
  await moreSent(run, 20);
  const { code, stderr } = await again.end();
  assertEquals(code, 0, stderr);

  const gaps = await gapsOf(run);
  assertEquals(gaps.map(({ cause }) => cause), ["connection_lost", "crashed", "stopped"]);
  const [lost, crashed, stopped] = gaps;
  assertMatch(lost.detail, /X announced a disconnect: .*operational/);
  assert(lost.seconds < 10 && lost.rules === 2 && lost.missed !== null, JSON.stringify(lost));
  assert(crashed.seconds >= 1 && crashed.missed >= 20 && crashed.rules === 2, JSON.stringify(crashed));
  assertEquals([stopped.ended_at, stopped.detail], [null, "SIGTERM received"]);

  const list = await runTraptor(["gaps", "list", "--state-dir", "state"], { cwd: run.folder });
  assertMatch(list.stdout, /^number +from +to +length +missed +found +state +cause\n1 /);
  assertMatch(list.stderr, /^3 gaps, [\d.]+ (s|min \d+ s) in all\n$/);
  const one = await runTraptor(["gaps", "explain", "2", "--state-dir", "state"], { cwd: run.folder });
  assertMatch(one.stdout, /^Gap 2: the collector ended without a word\n/);
  const none = await runTraptor(["gaps", "explain", "9", "--state-dir", "state"], { cwd: run.folder });
  assertEquals([none.code, none.stderr.split("\n").length], [64, 3], none.stderr);
});
