/** The stream is hurt while a collector reads it; what the simulator handed over must be in the files all the same. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { FAULT_NAMES, type FaultName } from "../../src/simulate/simulator.ts";
import { startCollecting, withoutTraptor } from "../support/collecting.ts";
import { runTraptor } from "../support/traptor.ts";
import { linesBelow } from "../support/line_files.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Time runs so many times faster: the longest fault and the longest wait then last seconds. */
const SCALE = 50;

/** The gap that a fault leaves; none where the connection stands all the while. */
const GAPS: Readonly<Record<FaultName, readonly [cause: string, detail: RegExp] | undefined>> = {
  "disconnect": ["connection_lost", /^X announced a disconnect: /],
  "disconnect-top": ["connection_lost", /^X announced a disconnect: /],
  "stall": ["stalled", /^nothing came for 45 s, not even a keep-alive$/],
  "cut-line": ["connection_lost", /./],
  "cut-character": ["connection_lost", /./],
  "rate-limit": undefined,
  "unavailable": ["connection_lost", /./],
  "garbage": undefined,
  "duplicate": undefined,
  "too-many-connections": ["connection_lost", /./],
  "phantom": ["connection_lost", /./],
  "foreign-connection": ["connection_lost", /./],
  "accept-close": ["connection_lost", /./],
  "slow": undefined,
  "split": undefined,
};

for (const fault of FAULT_NAMES) {
  Deno.test(`after the fault ${fault} tweets go on, and none that was handed over is missing`, async () => {
    await using run = await startCollecting([
      "--sink",
      "file:tweets",
      "--state-dir",
      "state",
      "--time-scale",
      String(SCALE),
    ], {
      rules: "deno\ncoffee\n地震\n",
      simulator: { rate: 2, timeScale: SCALE },
    });
    const { collector, folder, simulator } = run;
    await collector.says(/Connected to X/);
    await waitUntil(() => simulator.sent().length > 10, { what: "tweets are sent" });
    // Longer than the silence after which a connection is given up.
    simulator.fault(fault, fault === "stall" ? 60_000 : 30_000);
    const before = simulator.sent().length;
    const go = { what: `tweets go on after ${fault}:\n${collector.stderr}`, withinMs: 60_000 };
    await waitUntil(() => simulator.sent().length > before + 20, go);
    // Nothing more is sent, so that nothing is on its way when the collector is stopped.
    simulator.pause();
    const last = simulator.sent().at(-1)!.id;
    await waitUntil(async () => (await linesBelow(`${folder}/tweets`)).some((record) => record.includes(last)), {
      what: `the last tweet arrives:\n${collector.stderr}`,
      withinMs: 60_000,
    });
    const { code, stderr } = await collector.end();
    assertEquals(code, 0, stderr);

    const arrived = await linesBelow(`${folder}/tweets`);
    const ids = arrived.map((record) => JSON.parse(record).data.id);
    if (fault !== "duplicate") assertEquals(new Set(ids).size, ids.length, "none twice");
    const byId = new Map(arrived.map((record) => [JSON.parse(record).data.id, withoutTraptor(record)]));
    for (const { id, line } of simulator.sent()) assertEquals(byId.get(id), line, stderr);

    const { stdout } = await runTraptor(["gaps", "list", "--json", "--state-dir", "state"], { cwd: folder });
    const gaps = stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
    assertEquals(gaps.at(-1)?.cause, "stopped");
    const [gap, ...others] = gaps.slice(0, -1);
    const expected = GAPS[fault];
    assertEquals(gap?.cause, expected?.[0], stdout);
    if (!expected) return;
    assertMatch(gap.detail, expected[1]);
    assert(gap.seconds > 0 && others.every(({ ended_at }) => ended_at !== null), stdout);
  });
}

Deno.test("a second process in the same directory is told to try later", async () => {
  await using run = await startCollecting(["--sink", "file:tweets"], { rules: "deno\n" });
  await run.collector.says(/Delivering to files in tweets/);
  await using second = await startCollecting(["--sink", `file:${run.folder}/tweets`], { rules: "deno\n" });
  const { code, stderr } = await second.collector.ended;
  assertEquals(code, 75, stderr);
});

Deno.test("killed in the middle of writing, the next start leaves only whole lines", async () => {
  await using run = await startCollecting(["--sink", "file:tweets"], { rules: "deno\n", simulator: { rate: 500 } });
  await waitUntil(() => run.simulator.sent().length > 500, { what: "tweets are sent" });
  await run.collector.end("SIGKILL");
  const folder = `${run.folder}/tweets`;
  const file = [...Deno.readDirSync(folder)].find(({ name }) => name.endsWith(".jsonl"))!.name;
  await Deno.writeTextFile(`${folder}/${file}`, '{"data":{"id":"1","text":"to', { append: true });
  await using again = await startCollecting(["--sink", `file:${folder}`, "--limit", "10"], { rules: "deno\n" });
  const { code, stderr } = await again.collector.ended;
  assertEquals(code, 0, stderr);
  for (const line of await linesBelow(folder)) assertEquals(typeof JSON.parse(line).data.id, "string");
});
