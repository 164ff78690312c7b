/** X's clock is wrong: in all that X says, and in no wait. */

import { assertEquals } from "@std/assert";
import { RULES, withSimulator } from "./session.ts";

const X_EPOCH_MS = 1_288_834_974_657n;

for (const skewMs of [-90_000, 0, 3_600_000]) {
  Deno.test(`a clock that is ${skewMs / 1000} s ahead shows in all that X says`, () =>
    withSimulator({ clockSkewMs: skewMs, rate: 1 }, async ({ ask, addRules, open, clock, simulator }) => {
      const ownNow = clock.now();
      const xNow = ownNow + skewMs;
      await addRules("deno");
      const stream = await open("?tweet.fields=created_at");
      const { data } = JSON.parse((await stream.atLeast(1))[0]!);
      assertEquals(data.created_at, new Date(xNow).toISOString());
      assertEquals((BigInt(data.id) >> 22n) + X_EPOCH_MS, BigInt(xNow));
      const rules = await ask(RULES);
      assertEquals(rules.headers.get("date"), new Date(xNow).toUTCString());
      assertEquals(rules.headers.get("x-rate-limit-reset"), String(xNow / 1000 + 900));
      assertEquals(rules.body.meta.sent, new Date(xNow).toISOString());
      assertEquals((await ask("/2/connections")).body.data[0].connected_at, new Date(xNow).toISOString());
      // The referee's records are by the clock that was given.
      assertEquals(simulator.sent()[0]?.at, ownNow);
      assertEquals(simulator.connections()[0]?.at, ownNow);
      assertEquals(simulator.requests()[0]?.at, ownNow);
    }));
}

Deno.test("waits and rates are not changed by a wrong clock", () =>
  withSimulator({ clockSkewMs: -3_600_000, rate: 50 }, async ({ addRules, open, clock, simulator, ask, fault }) => {
    await addRules("deno");
    const stream = await open();
    await clock.advance(2_000);
    assertEquals((await stream.atLeast(101)).length, 101);
    simulator.pause();
    await clock.advance(20_000);
    assertEquals((await stream.atLeast(102)).at(-1), "");
    await fault("rate-limit", 30_000);
    await clock.advance(29_999);
    assertEquals((await ask(RULES)).status, 429);
    await clock.advance(1);
    assertEquals((await ask(RULES)).status, 200);
  }));
