/** The gap register: what begins a gap, what ends it, and what a process that ends without a word leaves. */

import { assertEquals } from "@std/assert";
import { type Gap, gapsIn, gapTotals } from "../../../src/journal/gaps.ts";
import { lookIntoJournal } from "../../../src/journal/journal_reader.ts";
import { COFFEE_RULE, DENO_RULE, JournalFile } from "../../support/journal_file.ts";

const NOW = Date.UTC(2026, 10, 24, 10, 30);
const LOSS = { cause: "connection_lost" as const, detail: "a cut", rules: [DENO_RULE, COFFEE_RULE] };

function gapsOf(file: JournalFile): Gap[] {
  file.journal.settle();
  return lookIntoJournal(file.path, (database) => [...gapsIn(database)]);
}

function facts(file: JournalFile): unknown[] {
  return gapsOf(file).map(({ beganAt, cause, endedAt }) => [cause, beganAt - NOW, endedAt && endedAt - NOW]);
}

Deno.test("a gap lasts from the last sign of life to the next one, and the first cause is kept", () => {
  using file = new JournalFile(["file"], NOW);
  const { journal } = file;
  journal.listening.noteAlive(NOW);
  journal.listening.beginGap({ at: NOW + 5_000, ...LOSS });
  journal.listening.beginGap({ at: NOW + 9_000, ...LOSS, cause: "refused" });
  assertEquals(facts(file), [["connection_lost", 5_000, undefined]]);
  journal.listening.noteAlive(NOW + 12_000);
  journal.listening.noteAlive(NOW + 13_000);
  assertEquals(facts(file), [["connection_lost", 5_000, 12_000]]);
  const [gap] = gapsOf(file);
  assertEquals([gap!.state, gap!.detail, gap!.rules.length], ["open", "a cut", 2]);
  assertEquals(lookIntoJournal(file.path, (database) => gapTotals(database, NOW)), {
    ...{ open: 1, ms: 7_000, reads: 0, found: 0, cost: 0 },
  });
});

Deno.test("a gap is on disk before anything else is done", () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.beginGap({ at: NOW, ...LOSS });
  assertEquals(lookIntoJournal(file.path, (database) => [...gapsIn(database)].length), 1);
});

Deno.test("a process that ends without a word leaves a gap from its last sign of life", async () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.noteAlive(NOW);
  await file.clock.advance(20);
  file.journal.listening.noteAlive(NOW + 20_000);
  await file.clock.advance(20);
  // Ended by closing the file: a process that stops in order says so.
  file.open(["file"]);
  assertEquals(facts(file), [["crashed", 20_000, undefined]]);
  file.journal.listening.noteAlive(NOW + 60_000);
  assertEquals(facts(file), [["crashed", 20_000, 60_000]]);
});

Deno.test("a stop is a gap that the next start ends; a journal that never heard anything has none", () => {
  using file = new JournalFile(["file"], NOW);
  file.open(["file"]);
  assertEquals(facts(file), []);
  file.journal.listening.noteAlive(NOW);
  file.journal.listening.beginGap({ at: NOW + 1_000, ...LOSS, cause: "stopped" });
  file.open(["file"]);
  assertEquals(facts(file), [["stopped", 1_000, undefined]]);
  file.journal.listening.noteAlive(NOW + 90_000);
  assertEquals(facts(file), [["stopped", 1_000, 90_000]]);
});

Deno.test("what was missed is told by the rate before, without the gaps in it", async () => {
  using file = new JournalFile(["file"], NOW);
  const { clock, journal } = file;
  journal.listening.noteAlive(NOW);
  file.accept(1, 100);
  // 100 tweets in 100 s, then a gap of 100 s, then 100 more in 100 s, then 50 s.
  await clock.advance(100_000);
  journal.listening.beginGap({ at: NOW + 100_000, ...LOSS });
  await clock.advance(100_000);
  journal.listening.noteAlive(NOW + 200_000);
  file.accept(101, 200);
  await clock.advance(100_000);
  journal.listening.beginGap({ at: NOW + 300_000, ...LOSS });
  await clock.advance(50_000);
  journal.listening.noteAlive(NOW + 350_000);
  assertEquals(gapsOf(file).map(({ missed }) => missed), [100, 50]);
});

Deno.test("nothing is said of what was missed where nothing was ever counted", () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.beginGap({ at: NOW, ...LOSS, cause: "not_connected" });
  file.journal.listening.noteAlive(NOW + 1_000);
  assertEquals(gapsOf(file).map(({ missed }) => missed), [undefined]);
});

Deno.test("where no rules were wanted a process that ends leaves no gap; one of rules that X did not hold is its own", async () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.collect([DENO_RULE, COFFEE_RULE]);
  file.journal.listening.noteAlive(NOW);
  file.journal.listening.noteUncovered({ from: NOW + 100, to: NOW + 900, rules: [COFFEE_RULE] });
  await file.clock.advance(20);
  const [uncovered] = gapsOf(file);
  assertEquals([uncovered!.cause, uncovered!.beganAt - NOW, uncovered!.endedAt! - NOW, uncovered!.rules], [
    ...["rules_uncovered", 100, 900],
    [2],
  ]);
  file.journal.listening.collect([]);
  await file.clock.advance(20);
  file.open(["file"]);
  assertEquals(facts(file), [["rules_uncovered", 100, 900]]);
  file.journal.listening.collect([DENO_RULE]);
  file.journal.memory.beginListening(NOW + 50_000);
  await file.clock.advance(20);
  file.open(["file"]);
  assertEquals(facts(file).at(-1), ["crashed", 50_000, undefined]);
  assertEquals(gapsOf(file).at(-1)!.rules, [1]);
});
