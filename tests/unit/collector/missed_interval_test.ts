/** Which interval of X's time is missing in a gap. */

import { assertEquals } from "@std/assert";
import { missedInterval, missedLength } from "../../../src/collector/missed_interval.ts";
import { idBefore, timeOfId } from "../../../src/model/stream_message.ts";
import { GapRegister, writeGapOf } from "../../support/gap_register.ts";
import { JournalFile } from "../../support/journal_file.ts";

const BEGAN = Date.UTC(2026, 10, 24, 10, 30);
const gap = { beganAt: BEGAN, endedAt: BEGAN + 60_000, lastId: undefined };

/** The interval around a gap: how long before its beginning, and after its end, in milliseconds. */
function around(own: { lastId?: string }, aheadMs = 0): [number, number] {
  const { from, to } = missedInterval({ ...gap, ...own }, aheadMs);
  return [BEGAN - from, to - gap.endedAt];
}

/** The id of a tweet that was made so long before the gap. */
const made = (ms: number) => String(BigInt(idBefore(BEGAN - ms)) + 1n);

Deno.test("tweets of the seconds before a gap were on their way", () => {
  assertEquals(around({}), [5_000, 1_000]);
  assertEquals(around({}, 200_000), [5_000 - 200_000, 1_000 + 200_000]);
  assertEquals(around({}, -200_000), [5_000 + 200_000, 1_000 - 200_000]);
});

Deno.test("who was behind misses what was made since the last tweet that was taken in, within reason", () => {
  assertEquals(around({ lastId: made(0) })[0], 5_000);
  assertEquals(around({ lastId: made(90_000) })[0], 95_000);
  assertEquals(around({ lastId: made(3_600_000) })[0], 305_000, "an old one tells only that there were few");
  assertEquals(
    around({ lastId: made(-30_000) })[0],
    5_000,
    "one that was made later than the gap began tells nothing",
  );
  // The id tells X's time: where X's clock is ahead the tweet was made no longer ago for that.
  assertEquals(around({ lastId: made(90_000 - 200_000) }, 200_000)[0], 95_000 - 200_000);
});

Deno.test("the ids before a moment end where those since then begin", () => {
  const id = BigInt(idBefore(BEGAN));
  assertEquals([timeOfId(String(id)), timeOfId(String(id + 1n))], [BEGAN - 1, BEGAN]);
});

Deno.test("the length that has to be looked at is that of the interval", () => {
  using file = new JournalFile(["file"], BEGAN + 90_000);
  const number = writeGapOf(file, { began: -90_000, ended: -30_000 });
  assertEquals(missedLength(new GapRegister(file).gap(number)), 60_000 + 5_000 + 1_000);
});

Deno.test("where the ids around a gap are forgotten nothing but the gap itself is looked at", () => {
  const gap = { beganAt: 1_800_000_000_000, endedAt: 1_800_000_060_000, lastId: undefined };
  assertEquals(missedInterval(gap, 1_000, false), { from: gap.beganAt + 1_000, to: gap.endedAt + 1_000 });
});
