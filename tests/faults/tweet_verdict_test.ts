/** What the judge of sequences says of tweets that are missing, covered, or there twice. */

import { assertEquals } from "@std/assert";
import { type CoveringGap, madeAt, type TweetFacts, verdictOnTweets } from "../support/tweet_verdict.ts";

const NONE: TweetFacts = { sent: [], held: [], arrived: [], gaps: [], kills: [], aheadMs: 0, inFlightMs: 1_000 };
const START = madeAt("2125290294231433910");

function idOf(at: number): string {
  return String(BigInt(at - madeAt("0")) << 22n);
}

function gap(from: number, to: number | undefined, more: Partial<CoveringGap> = {}): CoveringGap {
  const endedAt = to === undefined ? undefined : START + to;
  return { beganAt: START + from, endedAt, cause: "crashed", state: "open", lastId: undefined, ...more };
}

/** What becomes of one tweet that is not there, made a minute after the start. */
function fate(gaps: readonly CoveringGap[], where: "sent" | "held" = "sent", aheadMs = 0): string {
  const { covered, uncovered } = verdictOnTweets({
    ...NONE,
    aheadMs,
    [where]: [{ id: "7", at: START + 60_000 }],
    gaps,
  });
  assertEquals(covered.size + uncovered.size, 1);
  return covered.get("7") ?? uncovered.get("7")!.replace(/^.*: /, "");
}

Deno.test("what is there is not missing, whether it was sent or found", () => {
  const arrived = [{ id: "1", collectedAt: START }, { id: "2", collectedAt: START }];
  const sent = [{ id: "1", at: START }, { id: "1", at: START + 5 }];
  const verdict = verdictOnTweets({ ...NONE, sent, held: [{ id: "2", at: START }], arrived });
  assertEquals(verdict, {
    ...{ sent: 1, arrived: 2, repaired: 1, repeats: 0, unexplained: [] },
    ...{ covered: new Map(), uncovered: new Map() },
  });
});

Deno.test("a gap covers what was made in it, and in the ten seconds before it, and nothing after it", () => {
  assertEquals(fate([]), "no gap");
  assertEquals(fate([gap(30_000, 60_000)]), "crashed");
  assertEquals(fate([gap(30_000, 59_999)]), "no gap");
  assertEquals(fate([gap(70_000, 80_000)]), "crashed");
  assertEquals(fate([gap(70_001, 80_000)]), "no gap");
  assertEquals(fate([gap(30_000, undefined, { cause: "stopped" })]), "stopped");
});

Deno.test("a gap covers what was made since the last tweet before it", () => {
  assertEquals(fate([gap(90_000, 95_000)]), "no gap");
  assertEquals(fate([gap(90_000, 95_000, { lastId: idOf(START + 69_999) })]), "crashed");
  assertEquals(fate([gap(90_000, 95_000, { lastId: idOf(START + 70_001) })]), "no gap");
  assertEquals(fate([gap(90_000, 95_000, { lastId: idOf(START + 74_999) })], "sent", 5_000), "crashed");
});

Deno.test("a gap that is closed excuses nothing that search holds", () => {
  const closed = gap(30_000, 90_000, { state: "closed" });
  assertEquals(fate([closed]), "crashed");
  assertEquals(fate([closed], "held"), "search holds it, and its gap is closed");
  assertEquals(fate([closed, gap(30_000, 90_000)], "held"), "crashed");
  assertEquals(fate([gap(30_000, 90_000, { state: "unrecoverable" })], "held"), "crashed");
});

Deno.test("twice is only what was taken in within a moment before a kill, and once more for each of them", () => {
  const unexplained = (collected: readonly number[], kills: readonly number[]) => {
    const arrived = collected.map((at) => ({ id: "7", collectedAt: START + at }));
    const verdict = verdictOnTweets({ ...NONE, arrived, kills: kills.map((at) => START + at) });
    assertEquals(verdict.repeats, collected.length - 1);
    return verdict.unexplained.length;
  };
  assertEquals(unexplained([500, 500], [1_000]), 0);
  assertEquals(unexplained([500, 500], []), 1);
  assertEquals(unexplained([500, 500], [1_501]), 1, "long before the kill");
  assertEquals(unexplained([500, 500], [499]), 1, "after the kill");
  assertEquals(unexplained([500, 500, 500], [1_000]), 1, "three times for one kill");
  assertEquals(unexplained([500, 500, 500], [600, 1_000]), 0);
});
