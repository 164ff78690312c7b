import { assertEquals, assertRejects } from "@std/assert";
import { TransientError } from "../../../src/base/errors.ts";
import { answeredIn } from "../../../src/base/patience.ts";
import { FakeClock } from "../../support/fake_clock.ts";

Deno.test("an answer in time is the answer, and nothing is left of the waiting", async () => {
  const clock = new FakeClock();
  let heard: AbortSignal | undefined;
  const answer = await answeredIn({ clock, ms: 1_000, who: "Redis" }, (signal) => {
    heard = signal;
    return Promise.resolve(7);
  });
  await clock.advance(2_000);
  assertEquals([answer, heard?.aborted], [7, false]);
});

Deno.test("who takes longer is named, and the work hears of it", async () => {
  const clock = new FakeClock();
  let heard: AbortSignal | undefined;
  const asked = answeredIn({ clock, ms: 1_000, who: "Redis there" }, (signal) => {
    heard = signal;
    return new Promise<never>(() => {});
  });
  const refused = assertRejects(() => asked, TransientError, "Redis there does not answer in time");
  await clock.advance(1_000);
  await refused;
  assertEquals(heard?.aborted, true);
});

Deno.test("the signal ends the waiting at once, with its reason", async () => {
  const stop = new AbortController();
  const patience = { clock: new FakeClock(), ms: 1_000, who: "Redis", signal: stop.signal };
  const asked = answeredIn(patience, () => new Promise<never>(() => {}));
  stop.abort("enough");
  assertEquals(await asked.catch((reason) => reason), "enough");
});
