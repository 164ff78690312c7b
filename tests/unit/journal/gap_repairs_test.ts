/** What the gap register knows of repairs: whose turn it is, how far one is, what it has cost. */

import { assertEquals } from "@std/assert";
import {
  allowRepair,
  averageCost,
  beginBackfill,
  chooseAnother,
  isBackfillBroken,
  postpone,
  repairableGaps,
  searchesFor,
  spentOnDayOf,
  UNTIL_ASKED,
} from "../../../src/journal/gap_repairs.ts";
import { rulesNumbered } from "../../../src/journal/rule_numbers.ts";
import { gapTotals } from "../../../src/journal/gaps.ts";
import { GapRegister, writeGapOf } from "../../support/gap_register.ts";
import { COFFEE_RULE, DENO_RULE, JournalFile } from "../../support/journal_file.ts";

const NOW = Date.UTC(2026, 10, 24, 10, 30);
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const doneSearch = { query: "deno", state: "done", untilId: "12", reason: "" } as const;
const begunSearch = { query: "tea", state: "begun", untilId: "15", reason: "" } as const;
const impossible = { query: "bio:x", state: "impossible", untilId: undefined, reason: "search has no bio:" } as const;

Deno.test("the longest gap that is over for long enough is next, and one that lasts never is", () => {
  using file = new JournalFile(["file"], NOW);
  const register = new GapRegister(file);
  assertEquals(register.next(), undefined);
  const first = writeGapOf(file, { began: -50_000, ended: -40_000 });
  const second = writeGapOf(file, { began: -30_000, ended: -20_000 });
  writeGapOf(file, { began: -15_000 });
  assertEquals(register.next({ settledMs: 40_001 }), undefined);
  assertEquals(register.next({ settledMs: 40_000 }), first);
  register.end(first);
  assertEquals(register.next({ settledMs: 40_000 }), undefined);
  assertEquals(register.next({ settledMs: 20_000 }), second);
  register.end(second, "unrecoverable");
  assertEquals(register.next({ afterMs: DAY_MS }), undefined);
});

Deno.test("of gaps of one length the oldest is next", () => {
  using file = new JournalFile(["file"], NOW);
  const register = new GapRegister(file);
  writeGapOf(file, { began: -90_000, ended: -85_000 });
  const second = writeGapOf(file, { began: -80_000, ended: -70_000 });
  const third = writeGapOf(file, { began: -60_000, ended: -50_000 });
  assertEquals(register.next(), second);
  register.end(second);
  assertEquals(register.next(), third);
});

Deno.test("a stop waits for a person, and so does every gap where people are to be asked", () => {
  using file = new JournalFile(["file"], NOW);
  const register = new GapRegister(file);
  const stop = writeGapOf(file, { began: -90_000, ended: -80_000, cause: "stopped" });
  const cut = writeGapOf(file, { began: -70_000, ended: -60_000 });
  assertEquals([register.next(), register.next({ isAuto: false })], [cut, undefined]);
  const allow = (number: number) => file.journal.use((database) => allowRepair(database, number, 100));
  allow(stop);
  assertEquals([register.next(), register.next({ isAuto: false })], [stop, stop]);
  register.end(stop);
  // Where people are asked now, what was begun before waits for them, too.
  register.begin(cut);
  assertEquals([register.next(), register.next({ isAuto: false })], [cut, undefined]);
});

Deno.test("a gap that is put off is let alone until then, or until a person asks", () => {
  using file = new JournalFile(["file"], NOW);
  const register = new GapRegister(file);
  const number = writeGapOf(file, { began: -90_000, ended: -80_000 });
  register.begin(number);
  register.postpone(number, NOW + 5_000);
  assertEquals([register.gap(number).state, register.gap(number).outcome], ["open", "in the way"]);
  assertEquals([register.next({ afterMs: 4_999 }), register.next({ afterMs: 5_000 })], [undefined, number]);
  register.postpone(number, UNTIL_ASKED);
  assertEquals(register.gap(number).state, "open");
  assertEquals(register.next({ afterMs: 1_000 * DAY_MS }), undefined);
  register.read(number, 10, 15_000);
  file.journal.use((database) => allowRepair(database, number, 500_000));
  const { allowed, outcome } = register.gap(number);
  // What is spent already does not count against what a person allows from now on.
  assertEquals([register.next(), allowed, outcome], [number, 650_000, ""]);
  register.begin(number);
  assertEquals([register.gap(number).state, register.gap(number).repair], ["repairing", "search"]);
});

Deno.test("a person's word is not lost that came while a gap was being put off", () => {
  using file = new JournalFile(["file"], NOW);
  const register = new GapRegister(file);
  const number = writeGapOf(file, { began: -90_000, ended: -80_000 });
  register.begin(number);
  const before = register.gap(number);
  file.journal.use((database) => allowRepair(database, number, 500_000));
  const postponed = file.journal.use((database) => postpone(database, before, UNTIL_ASKED, "too dear"));
  assertEquals(postponed, false);
  assertEquals([register.gap(number).outcome, register.next({ isAuto: false })], ["", number]);
});

Deno.test("nobody's word opens a gap again that is closed", () => {
  using file = new JournalFile(["file"], NOW);
  const register = new GapRegister(file);
  const number = writeGapOf(file, { began: -90_000, ended: -80_000 });
  register.end(number);
  file.journal.use((database) => allowRepair(database, number, 500_000));
  assertEquals([register.gap(number).allowed, register.gap(number).outcome, register.next()], [
    undefined,
    "search",
    undefined,
  ]);
  assertEquals(file.journal.use(repairableGaps), []);
});

Deno.test("a repair that was interrupted goes on where it was, also after the journal was closed", () => {
  using file = new JournalFile(["file"], NOW);
  const register = new GapRegister(file);
  const number = writeGapOf(file, { began: -90_000, ended: -80_000, rules: [DENO_RULE, COFFEE_RULE] });
  register.begin(number);
  register.read(number, 30, 15_000);
  register.searched(number, 20, doneSearch, { ...begunSearch, untilId: "19" }, impossible);
  register.searched(number, 5, begunSearch);
  file.open(["file"]);
  assertEquals(register.next(), number);
  const { cost, found, reads, repair, rules, state } = register.gap(number);
  assertEquals({ cost, found, reads, repair, state }, {
    ...{ cost: 450_000, found: 25, reads: 30, repair: "search", state: "repairing" },
  });
  assertEquals(file.journal.use((database) => searchesFor(database, number)), [impossible, doneSearch, begunSearch]);
  const numbered = file.journal.use((database) => rulesNumbered(database, rules));
  assertEquals(numbered.map(({ slot, value }) => [slot, value]), [["track:0", "deno"], ["track:0", "coffee"]]);
  register.end(number);
  assertEquals(file.journal.use((database) => searchesFor(database, number)), [impossible], "what was lacking is kept");
  const { cost: allCost, found: allFound, reads: allReads } = file.journal.use((database) => gapTotals(database, NOW));
  assertEquals([allReads, allFound, allCost], [30, 25, 450_000]);
});

Deno.test("what repairs cost is counted by the UTC day, and on average for a tweet", () => {
  using file = new JournalFile(["file"], NOW);
  const register = new GapRegister(file);
  const spent = (now: number) => file.journal.use((database) => spentOnDayOf(database, now));
  const midnight = Date.UTC(2026, 10, 25);
  assertEquals([spent(NOW), file.journal.use(averageCost)], [0, undefined]);
  const first = writeGapOf(file, { began: -90_000, ended: -80_000 });
  const second = writeGapOf(file, { began: -70_000, ended: -60_000 });
  register.read(first, 10, 15_000);
  register.read(second, 20, 10_000, midnight - 1 - NOW);
  register.read(second, 1, 7_000, midnight - NOW);
  assertEquals([spent(midnight - 1), spent(midnight), spent(midnight + DAY_MS)], [350_000, 7_000, 0]);
  assertEquals(spent(Date.UTC(2026, 10, 24)), 350_000);
  assertEquals([register.gap(first), register.gap(second)].map(({ cost, reads }) => [cost, reads]), [
    [150_000, 10],
    [207_000, 21],
  ]);
  assertEquals(file.journal.use(averageCost), Math.ceil(357_000 / 31));
});

Deno.test("backfill is asked for as many minutes as need it, and marks what it is for", () => {
  using file = new JournalFile(["file"], NOW);
  const register = new GapRegister(file);
  const backfill = (mostMs: number) => file.journal.use((database) => beginBackfill(database, { mostMs, now: NOW }));
  assertEquals(backfill(5 * MINUTE_MS), 0);
  const old = writeGapOf(file, { began: -400_000, ended: -390_000 });
  const stop = writeGapOf(file, { began: -200_000, ended: -190_000, cause: "stopped" });
  assertEquals(backfill(5 * MINUTE_MS), 0, "one is too old, the other a person's");
  const recent = writeGapOf(file, { began: -130_000, ended: -120_000 });
  const now = writeGapOf(file, { began: -61_000 });
  assertEquals(backfill(5 * MINUTE_MS), 3);
  const states = () =>
    [old, stop, recent, now].map((number) => [register.gap(number).state, register.gap(number).repair]);
  const expected = [["open", ""], ["open", ""], ["repairing", "backfill"], ["repairing", "backfill"]];
  assertEquals(states(), expected);
  // A connect that comes to nothing asks again.
  assertEquals([backfill(5 * MINUTE_MS), states()], [3, expected]);
  assertEquals(backfill(2 * MINUTE_MS), 2);
  // One that another way was chosen for is not asked for again.
  file.journal.use((database) => chooseAnother(database, now, "search"));
  assertEquals(backfill(2 * MINUTE_MS), 0);
});

Deno.test("a backfill is broken where another gap begins before it can have come whole", () => {
  using file = new JournalFile(["file"], NOW);
  const register = new GapRegister(file);
  const first = writeGapOf(file, { began: -200_000, ended: -190_000 });
  const isBroken = (number: number) =>
    file.journal.use((database) => isBackfillBroken(database, register.gap(number), MINUTE_MS));
  assertEquals(isBroken(first), false);
  const second = writeGapOf(file, { began: -130_000, ended: -100_000 });
  assertEquals(isBroken(first), true);
  const third = writeGapOf(file, { began: -39_999 });
  assertEquals([isBroken(second), isBroken(third)], [false, false]);
});
