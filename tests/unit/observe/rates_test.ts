/** Tweets a second, and how often something happened within a window. */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { HOUR, Rates, TEN_SECONDS } from "../../../src/observe/rates.ts";
import { RollingCount } from "../../../src/observe/rolling_count.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { withChance } from "../../support/seeded.ts";

/** Counts so many tweets a second for some seconds, evenly. */
async function flow(rates: Rates, clock: FakeClock, perSecond: number, seconds: number): Promise<void> {
  for (let count = 0; count < perSecond * seconds; count++) {
    await clock.advance(500 / perSecond);
    rates.count(clock.now());
    await clock.advance(500 / perSecond);
  }
}

Deno.test("an even flow has its own rate, from its first seconds on", async () => {
  const clock = new FakeClock();
  const rates = new Rates(clock.now());
  const both = () => [rates.perSecond(TEN_SECONDS, clock.now()), rates.perSecond(HOUR, clock.now())];
  assertEquals(both(), [0, 0]);
  await flow(rates, clock, 4, 5);
  assertEquals(both(), [4, 4]);
  await flow(rates, clock, 4, 15);
  assertEquals(both(), [4, 4]);
  await clock.advance(5_000);
  assertEquals(both()[1], 80 / 25);
  assertEquals(both()[0], 2);
  await clock.advance(5_500);
  assertEquals(both(), [0, 80 / 30.5]);
});

Deno.test("a tweet counts for a second at least, and is over after an hour", async () => {
  const clock = new FakeClock();
  const rates = new Rates(clock.now());
  rates.count(clock.now());
  assertEquals(rates.perSecond(TEN_SECONDS, clock.now()), 1);
  await clock.advance(HOUR - 30_000);
  assertEquals(rates.perSecond(HOUR, clock.now()), 1 / (3_600 - 30));
  await clock.advance(60_000);
  assertEquals(rates.perSecond(HOUR, clock.now()), 0);
});

Deno.test("a clock that is put back neither stops the rates nor counts anything twice", () => {
  const start = Date.UTC(2026, 10, 23, 10);
  const putBack = start - 3 * HOUR;
  const rates = new Rates(start);
  const tenTweets = (from: number) => {
    for (let second = 0; second < 10; second++) rates.count(from + second * 1_000 + 500);
  };
  tenTweets(start);
  assertEquals(rates.perSecond(TEN_SECONDS, start + 10_000), 1);
  assertEquals(rates.perSecond(TEN_SECONDS, putBack), 1);
  tenTweets(putBack);
  assertEquals(rates.perSecond(TEN_SECONDS, putBack + 10_000), 1);
  assertEquals(rates.perSecond(HOUR, putBack + 10_000), 1);
  assertEquals(rates.perSecond(TEN_SECONDS, putBack + 20_500), 0);
  assertEquals(rates.perSecond(HOUR, putBack + 30_000), 20 / 40);
});

Deno.test("a rolling count is that of all moments within its window, but for a share of one bucket", async () => {
  await withChance((chance) => {
    const rolling = new RollingCount(6_000, 6);
    const moments: number[] = [];
    let now = Math.floor(chance() * 1e9);
    for (let step = 0; step < 2_000; step++) {
      now += Math.floor(chance() ** 8 * 9_000);
      if (chance() < 0.7) {
        rolling.count(now);
        moments.push(now);
      }
      const from = now - 6_000;
      const bucket = Math.floor(from / 1_000) * 1_000;
      const leaving = moments.filter((moment) => moment >= bucket && moment < bucket + 1_000).length;
      const staying = moments.filter((moment) => moment >= bucket + 1_000).length;
      assertAlmostEquals(rolling.within(now), staying + leaving * (1 - (from - bucket) / 1_000), 1e-6);
    }
    rolling.clear();
    assertEquals(rolling.within(now), 0);
  });
});
