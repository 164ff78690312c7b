/** The gap register: what begins a gap, what ends it, and what a process that ends without a word leaves. */

import { assertEquals } from "@std/assert";
import { type Gap, gapsIn, gapTotals } from "../../../src/journal/gaps.ts";
import { lookIntoJournal } from "../../../src/journal/journal_reader.ts";
import { recordOf } from "../../support/records.ts";
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
    ...{ open: 1, asking: 0, ms: 7_000, reads: 0, found: 0, cost: 0 },
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
  file.journal.listening.noteUncovered({ from: NOW + 100, to: NOW + 900, detail: "", rules: [COFFEE_RULE] });
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

/** The clock is put back; the monotonic one goes on. */
function putBack({ clock }: JournalFile, ms: number): void {
  const now = clock.now.bind(clock);
  clock.now = () => now() - ms;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

Deno.test("a stop ends a gap that lasts, and what is missed from then on is missed because of the stop", async () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.noteAlive(NOW);
  file.journal.listening.beginGap({ at: NOW + 1_000, ...LOSS, cause: "not_connected" });
  await file.clock.advance(MINUTE);
  file.journal.listening.stop({ at: NOW, detail: "SIGTERM", rules: [DENO_RULE, COFFEE_RULE] });
  file.open(["file"]);
  file.journal.listening.noteAlive(NOW + 10 * HOUR);
  assertEquals(facts(file), [["not_connected", 1_000, MINUTE], ["stopped", MINUTE, 10 * HOUR]]);
  assertEquals(gapsOf(file).map(({ detail }) => detail), ["a cut", "SIGTERM"]);
});

Deno.test("a stop before anything is known of the rules goes on with those of the gap that lasts; one of a stop goes on", async () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.beginGap({ at: NOW, ...LOSS, cause: "crashed" });
  file.open(["file"]);
  await file.clock.advance(MINUTE);
  file.journal.listening.stop({ at: undefined, detail: "SIGTERM", rules: [] });
  file.open(["file"]);
  await file.clock.advance(MINUTE);
  file.journal.listening.stop({ at: undefined, detail: "once more", rules: [] });
  assertEquals(facts(file), [["crashed", 0, MINUTE], ["stopped", MINUTE, undefined]]);
  assertEquals(gapsOf(file).map(({ rules }) => rules), [[1, 2], [1, 2]]);
});

Deno.test("a stop is a gap from the last sign of life; where there was none, and none lasts, it is none", () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.stop({ at: undefined, detail: "", rules: [DENO_RULE] });
  assertEquals(facts(file), []);
  file.journal.listening.stop({ at: NOW - 5_000, detail: "", rules: [DENO_RULE] });
  assertEquals(facts(file), [["stopped", -5_000, undefined]]);
});

Deno.test("a gap is over when nothing is wanted any more, and that is no sign of life", async () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.noteAlive(NOW);
  file.journal.listening.beginGap({ at: NOW, ...LOSS });
  await file.clock.advance(MINUTE);
  file.journal.listening.collect([]);
  file.journal.listening.endGap();
  file.journal.listening.endGap();
  assertEquals(facts(file), [["connection_lost", 0, MINUTE]]);
  await file.clock.advance(MINUTE);
  file.open(["file"]);
  assertEquals(facts(file), [["connection_lost", 0, MINUTE]]);
});

Deno.test("where the clock was put back during a gap, the gap begins so much earlier", async () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.noteAlive(NOW);
  file.journal.listening.beginGap({ at: NOW, ...LOSS });
  await file.clock.advance(5 * MINUTE);
  putBack(file, HOUR);
  file.journal.listening.noteAlive(file.clock.now());
  assertEquals(facts(file), [["connection_lost", -HOUR, 5 * MINUTE - HOUR]]);
  assertEquals(gapsOf(file)[0]!.detail, "a cut; the clock was put back by 3600 s meanwhile");
});

Deno.test("where it was put back between two starts, the gap covers all that the clock told twice", async () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.stop({ at: NOW, detail: "", rules: [DENO_RULE] });
  file.end();
  await file.clock.advance(5 * MINUTE);
  putBack(file, HOUR);
  file.open(["file"]);
  file.journal.listening.noteAlive(file.clock.now());
  assertEquals(facts(file), [["stopped", 5 * MINUTE - HOUR, 0]]);
  assertEquals(gapsOf(file)[0]!.detail, "the clock was put back meanwhile, nobody knows by how much");
});

Deno.test("after the clock was put back signs of life are written as before", async () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.collect([DENO_RULE]);
  file.journal.listening.noteAlive(NOW);
  await file.clock.advance(MINUTE);
  putBack(file, HOUR);
  file.journal.listening.noteAlive(file.clock.now());
  await file.clock.advance(MINUTE);
  file.open(["file"]);
  assertEquals(facts(file), [["crashed", MINUTE - HOUR, undefined]]);
});

Deno.test("rules that X did not hold while nobody listened to them anyway are not told twice", async () => {
  using file = new JournalFile(["file"], NOW);
  const { listening } = file.journal;
  listening.beginGap({ at: NOW, cause: "stopped", detail: "", rules: [DENO_RULE] });
  listening.noteUncovered({ from: NOW + 1_000, to: NOW + 60_000, detail: "", rules: [DENO_RULE, COFFEE_RULE] });
  listening.noteAlive(NOW + 61_000);
  listening.noteUncovered({ from: NOW + 1_000, to: NOW + 60_000, detail: "", rules: [DENO_RULE] });
  listening.noteUncovered({ from: NOW + 1_000, to: NOW + 62_000, detail: "drift", rules: [DENO_RULE] });
  await file.clock.advance(20);
  assertEquals(gapsOf(file).map(({ cause, detail, endedAt, rules }) => [cause, endedAt! - NOW, detail, rules]), [
    ["stopped", 61_000, "", [1]],
    ["rules_uncovered", 60_000, "", [2]],
    ["rules_uncovered", 62_000, "drift", [1]],
  ]);
});

Deno.test("rules that many gaps have in common are written once", async () => {
  using file = new JournalFile(["file"], NOW);
  const many = Array.from({ length: 10_000 }, (_, at) => ({ ...DENO_RULE, ruleId: `rule ${at}` }));
  for (let gap = 0; gap < 100; gap++) {
    file.journal.listening.beginGap({
      at: NOW + gap * MINUTE,
      ...LOSS,
      rules: gap % 2 === 0 ? many : many.toReversed(),
    });
    file.journal.listening.noteAlive(NOW + gap * MINUTE + 1_000);
    await file.clock.advance(20);
  }
  assertEquals(gapsOf(file).filter(({ rules }) => rules.length === 10_000 && rules[9_999] === 10_000).length, 100);
  const sets = lookIntoJournal(file.path, (database) => database.all<{ rules: string }>("SELECT rules FROM rule_sets"));
  assertEquals(sets.map(({ rules }) => rules.length), [
    Array.from({ length: 10_000 }, (_, at) => at + 1).join().length,
  ]);
});

Deno.test("the number of a set of rules that was lost is not given to another one", () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.beginGap({ at: NOW, ...LOSS });
  file.journal.listening.noteAlive(NOW + 1_000);
  file.journal.listening.collect([COFFEE_RULE]);
  file.end();
  file.tamper("DELETE FROM rule_sets");
  file.open(["file"]);
  assertEquals(gapsOf(file).map(({ cause, rules }) => [cause, rules]), [["connection_lost", []], ["crashed", [2]]]);
});

Deno.test("the rules of gaps are saved from a damaged file", () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.beginGap({ at: NOW, ...LOSS });
  file.end();
  file.tamper("PRAGMA user_version = 0");
  file.open(["file"]);
  assertEquals(gapsOf(file).map(({ cause, rules }) => [cause, rules])[0], ["connection_lost", [1, 2]]);
});

Deno.test("rules that X did not hold when the process ended are a gap, as far as the note of them can be read", async () => {
  const sound = { from: NOW, countsAt: NOW, detail: "gone", rules: [DENO_RULE] };
  for (
    const damage of [undefined, "{", "5", '[{"from":1},null,"",{"from":1,"countsAt":1,"detail":"","rules":["x"]}]']
  ) {
    using file = new JournalFile(["file"], NOW);
    file.journal.listening.collect([DENO_RULE]);
    file.journal.listening.keepUncovered([sound, { ...sound, countsAt: NOW + MINUTE, rules: [COFFEE_RULE] }]);
    await file.clock.advance(30_000);
    file.journal.listening.noteAlive(NOW + 30_000);
    file.end();
    if (damage !== undefined) file.tamper(`UPDATE notes SET value = '${damage}' WHERE name = 'uncovered_rules'`);
    file.open(["file"]);
    const found: unknown[] = gapsOf(file).map(({ cause, endedAt, rules }) => [cause, endedAt && endedAt - NOW, rules]);
    const uncovered = damage === undefined ? [["rules_uncovered", 30_000, [1]]] : [];
    assertEquals(found, [["crashed", undefined, [1]], ...uncovered]);
  }
});

Deno.test("a gap remembers the newest tweet before it, not the one that was accepted last", () => {
  using file = new JournalFile(["file"], NOW);
  file.accept(5, 9);
  // Found by a search, and so older; and an id that is none of X's.
  file.accept(3, 4);
  file.journal.accept({ ...recordOf(1), id: "99999999999999999999" }, [DENO_RULE]);
  file.journal.listening.noteAlive(NOW);
  file.journal.listening.beginGap({ at: NOW + 5_000, ...LOSS });
  assertEquals(gapsOf(file)[0]!.lastId, "9");
  using empty = new JournalFile(["file"], NOW);
  empty.journal.listening.beginGap({ at: NOW, ...LOSS });
  assertEquals(gapsOf(empty)[0]!.lastId, undefined);
});
