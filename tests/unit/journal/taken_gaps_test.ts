/** Gaps of other journals in this one. */

import { assertEquals } from "@std/assert";
import { isBackfillBroken, repairableGaps, searchesFor } from "../../../src/journal/gap_repairs.ts";
import { gapIn, missedIn } from "../../../src/journal/gaps.ts";
import { countsOfTweets, gapsSince, rulesOfSet, waitingRecords } from "../../../src/journal/mirror_rows.ts";
import { type ForeignGap, gapFrom, giveGap, takenGaps } from "../../../src/journal/taken_gaps.ts";
import { GapRegister, writeGapOf } from "../../support/gap_register.ts";
import { COFFEE_RULE, DENO_RULE, JournalFile } from "../../support/journal_file.ts";

const NOW = Date.UTC(2026, 10, 24, 10, 30);
const HOUR_MS = 3_600_000;

const FOREIGN: ForeignGap = {
  origin: "aaaaaaa1:7",
  beganAt: NOW - 90_000,
  endedAt: NOW - 60_000,
  cause: "crashed",
  detail: "taken over from one's journal, gap 7",
  missed: 12,
  lastId: "34",
  repair: "search",
  allowed: 5_000,
  searches: [{ query: "deno", state: "begun", untilId: "33", reason: "" }],
};

Deno.test("a gap is taken once, whatever else is there, also after a restart", () => {
  using file = new JournalFile(["file"], NOW);
  file.accept(1, 1, [COFFEE_RULE]);
  const number = file.journal.takeGap(FOREIGN, [DENO_RULE, COFFEE_RULE]);
  assertEquals(file.journal.takeGap(FOREIGN, [DENO_RULE]), number);
  file.open(["file"]);
  assertEquals(file.journal.takeGap(FOREIGN, [DENO_RULE]), number);
  const { journal } = file;
  assertEquals(journal.use(takenGaps), [{ number, origin: "aaaaaaa1:7" }]);
  assertEquals(journal.use((database) => gapIn(database, number)), {
    ...{ number, beganAt: NOW - 90_000, endedAt: NOW - 60_000, cause: "crashed", detail: FOREIGN.detail },
    ...{ state: "open", outcome: "", rules: [1, 2], missed: 12, lastId: "34", repair: "search" },
    ...{ waitsUntil: 0, allowed: 5_000, reads: 0, found: 0, cost: 0 },
  });
  assertEquals(journal.use((database) => searchesFor(database, number)), [...FOREIGN.searches]);
  const [told] = journal.use((database) => gapsSince(database, 0));
  const rules = journal.use((database) => rulesOfSet(database, told!.rule_set));
  assertEquals(rules?.map(({ value }) => value), ["coffee", "deno"]);
});

Deno.test("the rules of a taken gap keep their numbers for the tweets that come for them", () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.takeGap(FOREIGN, [DENO_RULE]);
  file.accept(1, 2, [DENO_RULE]);
  file.open(["file"]);
  assertEquals(file.journal.use((database) => database.all("SELECT number, value FROM rules")), [
    { number: 1, value: "deno" },
  ]);
});

Deno.test("a gap that is given away is closed, and is another one should it come back", () => {
  using file = new JournalFile(["file"], NOW);
  const { journal } = file;
  const number = journal.takeGap(FOREIGN, [DENO_RULE]);
  assertEquals(journal.use((database) => giveGap(database, number, "taken over by two (bbbbbbb2)")), true);
  assertEquals(journal.use((database) => giveGap(database, number, "once more")), false);
  const { outcome, state } = new GapRegister(file).gap(number);
  assertEquals([state, outcome], ["closed", "taken over by two (bbbbbbb2)"]);
  assertEquals(journal.use((database) => searchesFor(database, number)), []);
  assertEquals(journal.use((database) => gapFrom(database, FOREIGN.origin)), undefined);
  assertEquals(journal.takeGap(FOREIGN, [DENO_RULE]), number + 1);
  assertEquals(journal.use(repairableGaps).map((gap) => gap.number), [number + 1]);
});

Deno.test("what others missed says nothing of what came here, nor of our own backfill", async () => {
  using file = new JournalFile(["file"], NOW);
  file.journal.listening.noteAlive(NOW);
  file.accept(1, 60);
  await file.clock.advance(HOUR_MS);
  const [began, ended] = [NOW + HOUR_MS, NOW + HOUR_MS + 60_000];
  const missed = () => file.journal.use((database) => missedIn(database, { began, ended, rules: [] }));
  assertEquals(missed(), 1);
  const own = writeGapOf(file, { began: 0, ended: 60_000 });
  file.journal.takeGap({ ...FOREIGN, beganAt: NOW, endedAt: NOW + HOUR_MS / 2 }, [DENO_RULE]);
  file.journal.takeGap({ ...FOREIGN, origin: "aaaaaaa1:8", beganAt: ended + 1, endedAt: ended + 2 }, [DENO_RULE]);
  assertEquals(missed(), 1);
  const gap = new GapRegister(file).gap(own);
  assertEquals(file.journal.use((database) => isBackfillBroken(database, gap, 60_000)), false);
});

Deno.test("what is told of a journal: gaps that last or ended lately, and each tweet once", async () => {
  using file = new JournalFile(["file"], NOW);
  const old = writeGapOf(file, { began: -9 * HOUR_MS, ended: -8 * HOUR_MS });
  const lately = writeGapOf(file, { began: -3 * HOUR_MS, ended: -2 * HOUR_MS });
  const lasting = writeGapOf(file, { began: -HOUR_MS });
  const since = (at: number) => file.journal.use((database) => gapsSince(database, at)).map(({ number }) => number);
  assertEquals(since(NOW - 8 * HOUR_MS), [old, lately, lasting]);
  assertEquals(since(NOW - 8 * HOUR_MS + 1), [lately, lasting]);
  assertEquals(file.journal.use(countsOfTweets), []);
  file.accept(1, 3, [DENO_RULE, COFFEE_RULE]);
  await file.clock.advance(HOUR_MS);
  file.accept(4, 4);
  file.deliver("file");
  file.accept(5, 5);
  const counts = file.journal.use(countsOfTweets).map(({ count, hour, outcome }) => [hour - NOW, outcome, count]);
  const first = -NOW % HOUR_MS;
  assertEquals(counts, [
    ...[[first, "accepted", 3], [first, "delivered", 3], [first, "due", 3], [first, "received", 3]],
    ...[["accepted", 2], ["delivered", 1], ["due", 2], ["received", 2]].map((entry) => [first + HOUR_MS, ...entry]),
  ]);
  assertEquals(file.journal.use(waitingRecords), 1);
});
