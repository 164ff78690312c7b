/** Where the app may, X sends again what was missed in a gap: compared with what the simulator's stream would have sent. */

import { assert, assertEquals } from "@std/assert";
import type { Gap } from "../../src/journal/gaps.ts";
import { writeGapOf } from "../support/gap_register.ts";
import { RepairBench } from "../support/repair_bench.ts";

const RULES = ["deno", "coffee -tea", "bio:writer OR #rustlang", "url:com"];

async function assertWhole(bench: RepairBench, { beganAt, endedAt = 0 }: Gap): Promise<void> {
  const least = await bench.past.ofStream({ from: beganAt - 5_000, to: endedAt });
  const most = new Map(
    (await bench.past.ofStream({ from: beganAt - 7_000, to: endedAt + 3_000 })).map((one) => [one.id, one]),
  );
  const { records } = bench;
  const ids = new Set(records.map(({ data }) => data.id));
  assertEquals(least.filter(({ id }) => !ids.has(id)), [], bench.words);
  assertEquals([...ids].filter((id) => !most.has(id)), []);
  assertEquals(ids.size, records.length, "none twice");
  for (const record of records) {
    const named = record.traptor.collection_rules.map(({ value }: { value: string }) => value);
    assertEquals(named.toSorted(), most.get(record.data.id)!.values.toSorted());
    assertEquals([record.traptor.provenance, record.traptor.attribution], ["backfill", "x"]);
  }
}

Deno.test("a recovery brings the whole gap, with retweets and with what no search finds, and costs no search", async () => {
  await using bench = await RepairBench.start({ rules: RULES, hasRecovery: true });
  const number = await bench.gap({ lastsMs: 120_000 });
  bench.run();
  const gap = await bench.repaired(number);
  assertEquals([gap.state, gap.outcome, gap.repair, gap.cost], ["closed", "recovery", "recovery", 0]);
  assertEquals([gap.found, bench.asked], [bench.records.length, []]);
  assert(gap.found > 80);
  await assertWhole(bench, gap);
});

Deno.test("a recovery that breaks off between two lines is made again", async () => {
  await using bench = await RepairBench.start({ rules: RULES, hasRecovery: true });
  const number = await bench.gap({ lastsMs: 120_000 });
  bench.cuts = 2;
  bench.run();
  const gap = await bench.repaired(number);
  assertEquals([gap.state, gap.outcome, bench.cuts], ["closed", "recovery", 0], bench.words);
  assertEquals(gap.found, bench.records.length, "also what came before it broke off");
  await assertWhole(bench, gap);
});

Deno.test("what breaks off again and again is left for a quarter of an hour, and then tried again", async () => {
  await using bench = await RepairBench.start({ rules: RULES, hasRecovery: true });
  const number = await bench.gap({ lastsMs: 60_000 });
  bench.cuts = 4;
  bench.run();
  const left = await bench.repaired(number);
  assertEquals([left.state, bench.cuts], ["open", 0], bench.words);
  const since = bench.file.clock.now();
  const gap = await bench.closed(number);
  assert(bench.file.clock.now() - since >= 14 * 60_000);
  assertEquals(gap.outcome, "recovery");
  await assertWhole(bench, gap);
});

Deno.test("where X refuses the recovery the gap is searched for at once", async () => {
  const simulator = { tier: "pay-per-use", caps: { recoveries: 0 } } as const;
  await using bench = await RepairBench.start({ rules: ["deno"], hasRecovery: true, simulator });
  const number = await bench.gap({ lastsMs: 60_000 });
  bench.run();
  const gap = await bench.repaired(number);
  assertEquals([gap.state, gap.outcome, gap.repair], ["closed", "search: no retweets", "search"], bench.words);
  const refused = bench.told.filter(([name]) => name === "gap_search_failed");
  assertEquals(refused.length, 1);
});

Deno.test("a gap of more than a day ago is searched for: no recovery goes back so far", async () => {
  await using bench = await RepairBench.start({ rules: ["deno"], hasRecovery: true });
  const number = await bench.gap({ lastsMs: 60_000 });
  bench.file.tamper(`UPDATE gaps SET began_at = began_at - 86400000 WHERE number = ${number}`);
  bench.run();
  const gap = await bench.repaired(number);
  assertEquals([gap.state, gap.repair], ["closed", "search"], bench.words);
});

Deno.test("a backfill counts as come when the connection stood, and else another way is taken", async () => {
  for (const isBroken of [false, true]) {
    await using bench = await RepairBench.start({ rules: ["deno"], hasRecovery: true });
    const { clock, journal } = bench.file;
    const repair = bench.run();
    await clock.advance(30_000);
    assertEquals(repair.backfillMinutes(), 0, "there is no gap");
    const number = writeGapOf(bench.file, { began: -25_000, rules: bench.rules });
    // What was made in the seconds before was on its way, too.
    assertEquals(repair.backfillMinutes(), 1);
    await clock.advance(30_000);
    assertEquals(repair.backfillMinutes(), 2, "asked for again at the next connect");
    journal.listening.noteAlive(clock.now());
    await clock.advance(20_000);
    if (isBroken) writeGapOf(bench.file, { began: 0, ended: 1_000, rules: bench.rules });
    const gap = await bench.repaired(number);
    assertEquals([gap.state, gap.outcome], ["closed", isBroken ? "recovery" : "backfill"]);
    if (isBroken) await assertWhole(bench, gap);
    else assertEquals([bench.records, bench.asked], [[], []], "the connect brings it, not the repair");
  }
});

Deno.test("a gap of more than five minutes is not asked for at the connect, nor where people are to be asked", async () => {
  for (const mode of ["auto", "ask"] as const) {
    await using bench = await RepairBench.start({ rules: ["deno"], hasRecovery: true, repair: { mode } });
    const repair = bench.run();
    writeGapOf(bench.file, { began: -(mode === "auto" ? 290_000 : 60_000), rules: bench.rules });
    assertEquals(repair.backfillMinutes(), 0);
  }
  await using bench = await RepairBench.start({ rules: ["deno"], hasRecovery: true });
  const repair = bench.run();
  writeGapOf(bench.file, { began: -270_000, rules: bench.rules });
  assertEquals(repair.backfillMinutes(), 5);
});
