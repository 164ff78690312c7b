/** What a person asks to be repaired, and what is answered. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { likelyCost } from "../../../src/collector/repair_purse.ts";
import { requestRepair } from "../../../src/collector/repair_request.ts";
import type { JsonValue } from "../../../src/model/json.ts";
import { DOLLAR } from "../../../src/model/prices.ts";
import { GapRegister, writeGapOf } from "../../support/gap_register.ts";
import { JournalFile } from "../../support/journal_file.ts";
import { withChance } from "../../support/seeded.ts";

const NOW = Date.UTC(2026, 10, 24, 10, 30);

/** A journal with one tweet a second in the minutes before now. */
class Bench implements Disposable {
  readonly file = new JournalFile(["file"], NOW - 1_000_000);
  readonly register = new GapRegister(this.file);
  /** How often whoever repairs was told to hurry; and whether X sends again what was missed. */
  hurried = 0;
  isFree = false;

  static async start(): Promise<Bench> {
    const bench = new Bench();
    const { clock, journal } = bench.file;
    journal.listening.noteAlive(clock.now());
    bench.file.accept(1, 1_000);
    await clock.advance(1_000_000);
    return bench;
  }

  /** A gap that is over, whose repair will read about so many tweets. */
  async gap(tweets = 20, cause?: "stopped"): Promise<number> {
    // Six seconds around it are read as well.
    const lastsMs = tweets * 1_000 - 6_000;
    const number = writeGapOf(this.file, { began: 0, ...(cause ? { cause } : {}) });
    await this.file.clock.advance(lastsMs);
    this.file.journal.listening.noteAlive(this.file.clock.now());
    this.file.journal.settle();
    this.file.tamper(`UPDATE gaps SET last_id = NULL WHERE number = ${number}`);
    return number;
  }

  // deno-lint-ignore no-explicit-any
  ask(args: JsonValue, limits: { gap?: number; day?: number; isOff?: boolean } = {}): any {
    const { day = 5, gap = 1, isOff = false } = limits;
    const { clock, journal } = this.file;
    const repair = { hurry: () => void (this.hurried += 1), isFree: () => this.isFree };
    const most = { mostPerGap: gap * DOLLAR, mostPerDay: day * DOLLAR };
    return requestRepair(args, { journal, clock, repair: isOff ? undefined : repair, ...most });
  }

  allowed(number: number): number | undefined {
    return this.register.gap(number).allowed;
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }
}

const refusedFor = (reason: string) => ({ ok: false, reason });

Deno.test("what is not to be understood is refused in words, and nothing is begun", async () => {
  using bench = await Bench.start();
  const number = await bench.gap();
  const wanted = refusedFor('gaps_repair takes {"gap": 3} or {"all": true}');
  const odd: JsonValue[] = [null, 3, "3", [], {}, { gap: "3" }, { gap: 1.5 }, { all: false }, { all: "true" }];
  for (const args of odd) assertEquals(bench.ask(args), wanted, JSON.stringify(args));
  for (const max_usd of [0, -1, "5", null, 1e9, 1e300]) {
    const { ok, reason } = bench.ask({ gap: number, max_usd });
    assertEquals([ok, reason.startsWith("max_usd has to be above 0")], [false, true], String(max_usd));
  }
  assertEquals(bench.ask({ gap: 99 }), refusedFor("there is no gap 99"));
  assertEquals(bench.ask({ gap: number }, { isOff: true }), refusedFor("GAP_REPAIR is off"));
  assertEquals([bench.allowed(number), bench.hurried], [undefined, 0]);
});

Deno.test("a gap that is not over, or that nothing more can be done about, is refused with the reason", async () => {
  using bench = await Bench.start();
  const closed = await bench.gap();
  bench.register.end(closed);
  const lost = await bench.gap();
  bench.register.end(lost, "unrecoverable");
  const lasting = writeGapOf(bench.file, { began: -5_000 });
  const reasons = [closed, lost, lasting].map((gap) => bench.ask({ gap }).refused);
  assertEquals(reasons, [
    [{ gap: closed, reason: "it is closed (search)" }],
    [{ gap: lost, reason: "it is unrecoverable (search)" }],
    [{ gap: lasting, reason: "it is not over yet" }],
  ]);
});

Deno.test("without a word on the price a gap may cost what the settings say, of what is left of the day", async () => {
  using bench = await Bench.start();
  const [cheap, dear] = [await bench.gap(20), await bench.gap(100)];
  assertEquals(bench.ask({ gap: cheap }), { ok: true, repaired: [cheap], refused: [] });
  assertEquals([bench.allowed(cheap), bench.hurried], [DOLLAR, 1]);
  const { refused, repaired } = bench.ask({ gap: dear });
  assertEquals([repaired, refused.length, refused[0].gap], [[], 1, dear]);
  assertMatch(refused[0].reason, /^it would cost about \$1\.\d\d, and \$1\.00 is left: --max-usd allows more$/);
  assertEquals(bench.ask({ gap: dear, max_usd: 2 }), { ok: true, repaired: [dear], refused: [] });
  assertEquals(bench.allowed(dear), 2 * DOLLAR);
  bench.register.read(cheap, 330, 15_000);
  const other = await bench.gap(40);
  assertMatch(bench.ask({ gap: other }).refused[0].reason, /and \$0\.05 is left: /);
  bench.register.read(cheap, 330, 15_000);
  assertMatch(bench.ask({ gap: other }).refused[0].reason, /and \$0\.00 is left: /);
});

Deno.test("where X sends again what was missed no price is asked", async () => {
  using bench = await Bench.start();
  bench.isFree = true;
  const number = await bench.gap(10_000);
  assertEquals(bench.ask({ gap: number }).repaired, [number]);
});

Deno.test("any price is taken, to the millionth of a dollar", async () => {
  using bench = await Bench.start();
  const number = await bench.gap();
  for (const max_usd of [4.1, 8.2, 1.001, 0.5234567, 1_000_000]) {
    assertEquals(bench.ask({ gap: number, max_usd }), { ok: true, repaired: [number], refused: [] });
    assert(Math.abs(bench.allowed(number)! - max_usd * DOLLAR) <= 1, `${max_usd}: ${bench.allowed(number)}`);
  }
  assertEquals(bench.ask({ gap: number }, { gap: 4.1, day: 16.4 }).repaired, [number]);
});

Deno.test("a stop is repaired when it is asked for, and one that was put off is again", async () => {
  using bench = await Bench.start();
  const stop = await bench.gap(20, "stopped");
  assertEquals(bench.register.next(), undefined);
  assertEquals(bench.ask({ all: true }).repaired, [stop]);
  assertEquals(bench.register.next(), stop);
  bench.register.postpone(stop, Number.MAX_SAFE_INTEGER);
  assertEquals(bench.register.next(), undefined);
  assertEquals(bench.ask({ gap: stop }).repaired, [stop]);
  assertEquals([bench.register.next(), bench.register.gap(stop).outcome], [stop, ""]);
});

Deno.test("all of them together may cost no more than is allowed", () =>
  withChance(async (chance) => {
    for (let round = 0; round < 20; round++) {
      using bench = await Bench.start();
      const gaps: number[] = [];
      for (let count = 1 + Math.floor(chance() * 8); count > 0; count--) {
        gaps.push(await bench.gap(10 + Math.floor(chance() * 100)));
      }
      const most = chance() < 0.5 ? undefined : 0.5 + chance() * 10;
      const { repaired, refused } = bench.ask({ all: true, ...(most === undefined ? {} : { max_usd: most }) });
      const told: number[] = [...repaired, ...refused.map(({ gap }: { gap: number }) => gap)];
      assertEquals(told.toSorted((one, other) => one - other), gaps, "each is told of once");
      const sum = repaired.reduce((all: number, number: number) => all + bench.allowed(number)!, 0);
      assert(sum <= (most ?? 5) * DOLLAR, `${sum} of ${most}`);
      for (const number of repaired) {
        const cost = bench.file.journal.use((database) => likelyCost(database, bench.register.gap(number)))!;
        assert(bench.allowed(number)! >= cost - 1, "at least what is expected");
        if (most === undefined) assert(bench.allowed(number)! <= DOLLAR);
      }
      for (const { gap } of refused) assertEquals(bench.allowed(gap), undefined);
    }
  }));
