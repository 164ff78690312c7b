/** The statistics of a rule as they stand in Redis. */

import { assertEquals } from "@std/assert";
import { agedRow, readRuleRow, type RuleRow, writeRuleRow } from "../../../src/observe/rule_row.ts";

const AT = Date.UTC(2026, 10, 24, 12);
const ROW: RuleRow = {
  value: "deno",
  tag: "runtimes",
  matches: 17,
  windowMs: 900_000,
  since: AT - 60_000,
  total: 4_711,
  limited: 3,
  lastAt: AT - 1_000,
  rate: 0.25,
  at: AT,
};

Deno.test("a row is JSON with times that people can read, and is read as it was written", () => {
  assertEquals(JSON.parse(writeRuleRow(ROW)), {
    value: "deno",
    tag: "runtimes",
    matches: 17,
    window_ms: 900_000,
    since: "2026-11-24T11:59:00.000Z",
    total: 4_711,
    limited: 3,
    last_at: "2026-11-24T11:59:59.000Z",
    rate: 0.25,
    at: "2026-11-24T12:00:00.000Z",
  });
  assertEquals(readRuleRow(writeRuleRow(ROW)), ROW);
  const bare = { ...ROW, tag: null, since: undefined, lastAt: undefined };
  assertEquals(readRuleRow(writeRuleRow(bare)), bare);
});

Deno.test("what is no row is none, and what is odd in a row is nothing", () => {
  for (const text of ["", "17", "null", "[1]", "{", '"deno"', "{}", '{"value":7}']) {
    assertEquals(readRuleRow(text), undefined);
  }
  const odd = '{"value":"deno","tag":7,"matches":-1,"window_ms":"15m","total":90071992547409931,"limited":0.5,' +
    '"last_at":"yesterday","rate":null,"at":5,"more":{}}';
  assertEquals(readRuleRow(odd), {
    ...{ value: "deno", tag: null, matches: 0, windowMs: 0, since: undefined },
    ...{ total: 0, limited: 0, lastAt: undefined, rate: 0, at: 0 },
  });
});

Deno.test("a row that nobody writes on loses its rate, then its matches, and nothing else", () => {
  assertEquals(agedRow(ROW, AT + 30_000), ROW);
  assertEquals(agedRow(ROW, AT + 30_001), { ...ROW, rate: 0 });
  assertEquals(agedRow(ROW, AT + 900_000), { ...ROW, rate: 0 });
  assertEquals(agedRow(ROW, AT + 900_001), { ...ROW, rate: 0, matches: 0 });
  assertEquals(agedRow(ROW, AT - 3_600_000), ROW, "its writer's clock is ahead");
});
