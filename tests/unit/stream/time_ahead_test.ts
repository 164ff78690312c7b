/** How far X's clock is ahead, as its answers tell. */

import { assert, assertEquals } from "@std/assert";
import { TimeAhead } from "../../../src/stream/time_ahead.ts";
import { withChance } from "../../support/seeded.ts";

const NOW = Date.UTC(2026, 10, 24, 12);

Deno.test("nothing is known before the first answer, which tells it to half a second and half its way", () => {
  const ahead = new TimeAhead();
  assertEquals(ahead.ms, undefined);
  ahead.learn({ askedAt: NOW, answeredAt: NOW + 200, date: NOW });
  assertEquals(ahead.ms, 400);
});

Deno.test("many answers tell it closely, whatever their way costs", () =>
  withChance((chance) => {
    const real = Math.round((chance() - 0.5) * 120_000);
    const ahead = new TimeAhead();
    for (let answer = 0, at = NOW; answer < 500; answer++, at += Math.floor(chance() * 30_000)) {
      const [there, back] = [Math.floor(chance() * 400), Math.floor(chance() * 400)];
      const date = Math.floor((at + there + real) / 1_000) * 1_000;
      ahead.learn({ askedAt: at, answeredAt: at + there + back, date });
    }
    assert(Math.abs(ahead.ms! - real) <= 200, `${ahead.ms} for ${real}`);
  }));

Deno.test("a clock that was set is noticed with the next answer", () => {
  const ahead = new TimeAhead();
  ahead.learn({ askedAt: NOW, answeredAt: NOW, date: NOW });
  ahead.learn({ askedAt: NOW + 60_000, answeredAt: NOW + 60_000, date: NOW + 10_000 });
  assertEquals(ahead.ms, -49_500);
});
