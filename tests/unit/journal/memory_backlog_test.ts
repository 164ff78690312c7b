/** The backlog in memory, where it does more, or less, than every backlog does (`tests/conformance/backlog.ts`). */

import { assertEquals, assertThrows } from "@std/assert";
import { MemoryBacklog } from "../../../src/journal/memory_backlog.ts";
import { acknowledge, ALL, idsAfter, take } from "../../support/backlog_steps.ts";
import { recordOf, recordsOf } from "../../support/records.ts";

Deno.test("it is full with exactly as many records as it takes, and has room with the first that leaves", () => {
  const backlog = new MemoryBacklog({ ...ALL, records: 2 }, ["a"]);
  assertEquals([1, 2, 3].map((id) => backlog.accept(recordOf(id))), [true, true, false]);
  take(backlog, "a", 1);
  assertEquals([3, 4].map((id) => backlog.accept(recordOf(id))), [true, false]);
  assertEquals(idsAfter(backlog, "a", 1), ["2", "3"]);
});

Deno.test("it is full when it has as many bytes as it takes: the last record may exceed them", () => {
  const size = recordOf(1).value.length;
  const backlog = new MemoryBacklog({ ...ALL, bytes: 2 * size + 1 }, ["a"]);
  assertEquals([1, 2, 3, 4].map((id) => backlog.accept(recordOf(id))), [true, true, true, false]);
  take(backlog, "a", 1);
  assertEquals(backlog.accept(recordOf(4)), true);
});

Deno.test("it lets go of a record's bytes as soon as every sink has it, with nothing to be written before", () => {
  const backlog = new MemoryBacklog(ALL, ["a", "b"]);
  const size = recordOf(1).value.length;
  for (const record of recordsOf(1, 3)) backlog.accept(record);
  take(backlog, "a", 3);
  assertEquals(backlog.waiting, { records: 3, bytes: 3 * size });
  take(backlog, "b", 2);
  assertEquals(backlog.waiting, { records: 1, bytes: size });
  assertThrows(() => backlog.read("a", 1, ALL), RangeError, "position 2: it has left the backlog");
  assertEquals(idsAfter(backlog, "a", 2), ["3"]);
});

Deno.test("what it says of a record is when it was accepted; it numbers no rules, and keeps nothing", () => {
  let now = 1_000;
  const backlog = new MemoryBacklog(ALL, ["a"], () => now++);
  for (const record of recordsOf(1, 2)) backlog.accept(record);
  const facts = backlog.read("a", 0, ALL).map((entry) => entry.facts);
  assertEquals(facts, [{ at: 1_000, rules: [] }, { at: 1_001, rules: [] }]);
  assertEquals(backlog.isKept, false);
});

Deno.test("it remembers the last 100,000 ids, delivered or not", () => {
  const backlog = new MemoryBacklog(ALL, ["a"]);
  for (let id = 1; id <= 100_000; id++) backlog.accept(recordOf(id));
  take(backlog, "a", 50_000);
  assertEquals(backlog.hasSeen("1"), true);
  backlog.accept(recordOf(100_001));
  assertEquals([1, 2, 50_001, 100_001, 100_002].map((id) => backlog.hasSeen(String(id))), [
    ...[false, true, true, true, false],
  ]);
});

Deno.test("places stay what they are while the front of a long backlog is cut off, again and again", () => {
  const backlog = new MemoryBacklog(ALL, ["a", "b"]);
  for (const record of recordsOf(1, 20_000)) backlog.accept(record);
  for (let position = 0; position < 20_000; position += 1_000) {
    const entries = backlog.read("a", position, { ...ALL, records: 1_000 });
    assertEquals([entries[0]?.position, entries[0]?.record.id], [position + 1, String(position + 1)]);
    assertEquals([entries.length, entries.at(-1)?.position], [1_000, position + 1_000]);
    acknowledge(backlog, "a", entries);
    // One is a little behind the other.
    const behind = backlog.positionOf("b");
    acknowledge(backlog, "b", backlog.read("b", behind, { ...ALL, records: 999 }));
    assertEquals([backlog.positionOf("b"), backlog.waiting.records], [behind + 999, 20_000 - behind - 999]);
  }
});
