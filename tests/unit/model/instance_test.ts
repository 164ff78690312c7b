import { assertEquals } from "@std/assert";
import { type InstanceReport, isLive, readInstance } from "../../../src/model/instance.ts";

const REPORT: InstanceReport = {
  id: "0a1b2c3d",
  process: "44556677",
  pid: 7,
  host: "one",
  version: "3.0.0",
  app: "0123456789ab",
  slots: ["track:0", "geo:*"],
  separate: false,
  role: "holder",
  lease: 1,
  started_at: 1_000,
  at: 100_000,
  interval: 5_000,
  state: "live",
  since: 2_000,
  reason: "",
  until: 0,
  rules: { rules: 3, queries: 2, held: 2, refused: 0, unplaced: 0, drifted: 0 },
  last_tweet_at: 99_000,
  rate_now: 1.5,
  rate_hour: 0.25,
  waiting: 4,
  waiting_bytes: 8_000,
  waiting_since: 98_000,
  journal_full: false,
  delivery_ms: 12,
  gaps_open: 1,
  gaps_asking: 0,
  gap_ms: 3_000,
  connects_left: 44,
  clock_ahead: -3,
  ready: true,
  reasons: ["the stream is live"],
};

Deno.test("a report is read as it was written; what a newer version adds is left out", () => {
  assertEquals(readInstance(JSON.stringify(REPORT)), REPORT);
  assertEquals(readInstance(JSON.stringify({ ...REPORT, mood: "good" })), REPORT);
});

Deno.test("what is no report is none, and members that make no sense are empty", () => {
  for (const text of ["", "x", "[]", "null", "{}", '{"id":7,"app":"a"}', '{"id":"a"}']) {
    assertEquals(readInstance(text), undefined, text);
  }
  const odd = readInstance(
    JSON.stringify({ ...REPORT, role: "king", slots: [1, "track:0"], rules: "none", at: "now" }),
  )!;
  assertEquals([odd.role, odd.slots, odd.rules.held, odd.at], ["standby", ["track:0"], 0, 0]);
});

Deno.test("an instance is live for three of its intervals, also on a clock that was put back, and not once it leaves", () => {
  const at = (ms: number, report = REPORT) => isLive(report, REPORT.at + ms);
  assertEquals([at(0), at(15_000), at(15_001), at(-15_000), at(-15_001)], [true, true, false, true, false]);
  assertEquals(at(0, { ...REPORT, role: "leaving" }), false);
});
