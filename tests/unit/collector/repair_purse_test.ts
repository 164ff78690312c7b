/** What the repair of a gap may cost. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { likelyCost, RepairPurse } from "../../../src/collector/repair_purse.ts";
import { Postponed } from "../../../src/collector/repair_waits.ts";
import { allowRepair, spentOnDayOf, UNTIL_ASKED } from "../../../src/journal/gap_repairs.ts";
import type { Gap } from "../../../src/journal/gaps.ts";
import { DOLLAR, GUESSED_PRICE } from "../../../src/model/prices.ts";
import { GapRegister, writeGapOf } from "../../support/gap_register.ts";
import { JournalFile } from "../../support/journal_file.ts";
import { withChance } from "../../support/seeded.ts";

const NOW = Date.UTC(2026, 10, 24, 10, 30);
const TOMORROW = Date.UTC(2026, 10, 25);

class Bench implements Disposable {
  readonly file = new JournalFile(["file"], NOW);
  readonly register = new GapRegister(this.file);
  readonly number = writeGapOf(this.file, { began: -90_000, ended: -80_000 });

  purse(limits: { gap?: number; day?: number } = {}, own: Partial<Gap> = {}): RepairPurse {
    const { clock, journal } = this.file;
    const { day = 5, gap = 1 } = limits;
    const most = { mostPerGap: gap * DOLLAR, mostPerDay: day * DOLLAR };
    return new RepairPurse({ ...this.register.gap(this.number), ...own }, { journal, clock, ...most });
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }
}

function postponed(act: () => unknown): Postponed {
  return assertThrows(act, Postponed);
}

Deno.test("a page is as large as X gives, and smaller towards the limit of the gap", () => {
  using bench = new Bench();
  const purse = bench.purse();
  // 2 guessed prices are kept ready for each tweet: 0.03 dollars.
  assertEquals(purse.pageSize(), 33);
  assertEquals(bench.purse({ gap: 5 }).pageSize(), 100);
  purse.book(33, 33 * 15_000);
  assertEquals(purse.pageSize(), 16);
  purse.book(16, 16 * 15_000);
  const { hint, message, until } = postponed(() => purse.pageSize());
  assertEquals(until, UNTIL_ASKED);
  const page = "a page of 10 tweets may cost $0.30";
  assertEquals(message, `$0.73 is spent on it, and ${page}: GAP_REPAIR_MAX_USD allows $1.00`);
  assertEquals(hint, "`traptor gaps repair 1 --max-usd 2` goes on with it");
  const { cost, reads } = bench.register.gap(bench.number);
  assertEquals([cost, reads, purse.cost, purse.reads], [735_000, 49, 735_000, 49]);
});

Deno.test("whatever pages cost up to one and a half times the dearest so far, the limit holds", () =>
  withChance((chance) => {
    for (let round = 0; round < 20; round++) {
      using bench = new Bench();
      const limits = { gap: 0.5 + chance() * 4, day: 0.5 + chance() * 4 };
      const purse = bench.purse(limits);
      let dearest = 2 * GUESSED_PRICE / 1.5;
      for (let pages = 0;; pages++) {
        assert(pages < 1_000);
        let size: number;
        try {
          size = purse.pageSize();
        } catch (error) {
          assert(error instanceof Postponed, String(error));
          break;
        }
        assert(size >= 10 && size <= 100);
        const each = Math.floor(dearest * 1.5 * (0.2 + 0.8 * chance()));
        dearest = Math.max(dearest, each);
        purse.book(size, size * each);
      }
      const most = Math.min(limits.gap, limits.day) * DOLLAR;
      assert(purse.cost <= most, `${purse.cost} of ${most}`);
      // It was not given up early either: no page of the least size was left.
      assert(purse.cost + 10 * dearest * 1.5 > most, `${purse.cost} of ${most}, ${dearest} each`);
      assertEquals(bench.file.journal.use((database) => spentOnDayOf(database, NOW)), purse.cost);
    }
  }));

Deno.test("the limit of a day is that of all gaps together, and tomorrow is another day", async () => {
  using bench = new Bench();
  const other = writeGapOf(bench.file, { began: -70_000, ended: -60_000 });
  bench.register.read(other, 300, 15_000);
  const purse = bench.purse({ gap: 4, day: 5 });
  assertEquals(purse.pageSize(), 16);
  bench.register.read(other, 20, 15_000);
  const { hint, message, until } = postponed(() => purse.pageSize());
  assertEquals(until, TOMORROW);
  assertMatch(message, /^a page of 10 tweets may cost \$0\.30: GAP_REPAIR_MAX_USD_A_DAY allows \$5\.00 a day$/);
  assertMatch(hint, /^It is done tomorrow \(UTC\); `traptor gaps repair 1 --max-usd \d+` goes on with it now$/);
  await bench.file.clock.advance(TOMORROW - NOW);
  assertEquals(purse.pageSize(), 100);
});

Deno.test("what is likely to cost more than is allowed is not begun: all that came in as long before it is read", async () => {
  for (const [tweets, outcome] of [[50, undefined], [51, UNTIL_ASKED], [1_000, UNTIL_ASKED]] as const) {
    using file = new JournalFile(["file"], NOW);
    const { clock, journal } = file;
    journal.listening.noteAlive(NOW);
    file.accept(1, tweets);
    // So many in 80 s; a gap of 94 s then, and 6 s around it.
    await clock.advance(80_000);
    const number = writeGapOf(file, { began: 0 });
    await clock.advance(94_000);
    journal.listening.noteAlive(clock.now());
    journal.settle();
    const gap = new GapRegister(file).gap(number);
    const cost = journal.use((database) => likelyCost(database, gap))!;
    assertEquals(cost, Math.round(Math.round(tweets * 94 / 80) * 100 / 94) * GUESSED_PRICE);
    // What comes after it is not of the time before it.
    file.accept(10_001, 12_000);
    assertEquals(journal.use((database) => likelyCost(database, gap)), cost);
    // 15 thousandths of a dollar are guessed for a tweet.
    const purse = new RepairPurse(gap, { journal, clock, mostPerGap: 0.945 * DOLLAR, mostPerDay: 5 * DOLLAR });
    if (outcome === undefined) purse.checkEstimate();
    else assertEquals(postponed(() => purse.checkEstimate()).until, outcome);
  }
});

Deno.test("what nothing is known of is begun, and what a person has allowed", () => {
  using bench = new Bench();
  bench.purse({ gap: 0.001 }).checkEstimate();
  bench.file.accept(1, 1_000);
  bench.purse({ gap: 0.001 }, { allowed: 1 }).checkEstimate();
});

Deno.test("a person's word counts instead of both limits, and is a limit too", () => {
  using bench = new Bench();
  bench.register.read(bench.number, 60, 15_000);
  bench.file.journal.use((database) => allowRepair(database, bench.number, 2 * DOLLAR));
  const purse = bench.purse({ gap: 1, day: 0.1 }, { missed: 10_000 });
  purse.checkEstimate();
  assertEquals(purse.pageSize(), 66);
  purse.book(66, 66 * 28_000);
  const { message, until } = postponed(() => purse.pageSize());
  assertEquals(until, UNTIL_ASKED);
  assertEquals(
    message,
    "$2.75 is spent on it, and a page of 10 tweets may cost $0.42: more than the $2.90 that are allowed",
  );
});

Deno.test("an empty page costs nothing and writes nothing", () => {
  using bench = new Bench();
  const purse = bench.purse();
  purse.book(0, 0);
  assertEquals([purse.pageSize(), purse.reads, bench.register.gap(bench.number).reads], [33, 0, 0]);
});
