/**
 * What every backlog has to do, whatever it keeps its records in. Each, the journal and the one in memory, runs this one
 * suite with a stand of its own.
 *
 * They may differ, and the suite leaves open: whether what waits outlives the process (`isKept` says so), how long ids
 * are remembered, how many records make it full, whether it numbers rules, whether what was taken in can be read at once
 * or only when its group is written (`more` tells), and what reading from a place gives that the sink has passed.
 * Sinks that are absent for a while are the kept backlog's alone; its own tests are about them.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { BacklogEntry } from "../../src/model/backlog.ts";
import { accept, ALL, fill, idsAfter, isOver, take } from "../support/backlog_steps.ts";
import { DENO_RULE } from "../support/journal_file.ts";
import { recordOf, recordsOf } from "../support/records.ts";
import { checkSinksOfBacklog } from "./backlog_sinks.ts";
import { type MakeBacklog, partsOf } from "./backlog_stand.ts";

/** Longer than any backlog takes to write what it has, or to look for room again. */
const LONG_ENOUGH_MS = 5_000;

/** Runs the suite; `make` brings a stand for each part. */
export async function checkBacklog(t: Deno.TestContext, make: MakeBacklog): Promise<void> {
  const part = partsOf(t, make);

  await part(
    "empty at first: nothing waits or can be read, there is room, and it is open",
    ["a", "b"],
    async (stand) => {
      const { backlog } = stand;
      assertEquals(backlog.waiting, { records: 0, bytes: 0 });
      assertEquals([backlog.full, backlog.closed], [false, false]);
      assertEquals([backlog.positionOf("a"), backlog.positionOf("b"), backlog.read("a", 0, ALL)], [0, 0, []]);
      assertEquals(backlog.hasSeen("1"), false);
      assertEquals(await isOver(backlog.room()), true);
    },
  );

  await part("records come out in the order of acceptance, byte for byte, from any place, by count", ["a"], (stand) => {
    const { backlog, clock } = stand;
    const records = recordsOf(1, 5).map((record, index) => ({
      ...record,
      headers: { "traptor-type": `type ${index}` },
    }));
    for (const record of records) assertEquals(backlog.accept(record, [DENO_RULE]), true);
    backlog.settle();
    const entries = backlog.read("a", 0, ALL);
    assertEquals(entries.map(({ position }) => position), [1, 2, 3, 4, 5]);
    assertEquals(entries.map((entry) => plain(entry).record), records);
    assertEquals(entries.map(({ facts }) => facts.at), records.map(() => clock.now()));
    assertEquals(idsAfter(backlog, "a", 2, { ...ALL, records: 2 }), ["3", "4"]);
    assertEquals(idsAfter(backlog, "a", 4), ["5"]);
    assertEquals(idsAfter(backlog, "a", 5), []);
    assertEquals(records.map(({ value }) => value), recordsOf(1, 5).map(({ value }) => value), "what is given stays");
  });

  await part("a batch ends where its records or bytes would be exceeded, but one is always given", ["a"], (stand) => {
    const size = recordOf(1).value.length;
    accept(stand.backlog, 1, 5);
    const count = (bytes: number) => stand.backlog.read("a", 1, { records: 3, bytes }).length;
    const counts = () => [4 * size, 2 * size, 2 * size - 1, size, 1].map(count);
    assertEquals(counts(), [3, 2, 1, 1, 1]);
    // What is kept is read from elsewhere then.
    if (stand.backlog.isKept) stand.restart(["a"]);
    assertEquals(counts(), [3, 2, 1, 1, 1]);
  });

  await part("a record much larger than a batch comes alone, and those behind it after it", ["a"], (stand) => {
    const { backlog } = stand;
    backlog.accept(recordOf(1, "x".repeat(400_000)), []);
    accept(backlog, 2, 3);
    assertEquals(idsAfter(backlog, "a", 0, { records: 100, bytes: 1_000 }), ["1"]);
    assertEquals(idsAfter(backlog, "a", 1, { records: 100, bytes: 1_000 }), ["2", "3"]);
  });

  await part("what waits is counted from the moment of its acceptance", ["a"], (stand) => {
    const { backlog } = stand;
    for (const id of [1, 2]) backlog.accept(recordOf(id), []);
    assertEquals(backlog.waiting, { records: 2, bytes: 2 * recordOf(1).value.length });
  });

  await part("full: nothing is taken in or remembered, until records leave", ["a"], async (stand) => {
    const { backlog } = stand;
    const taken = fill(backlog);
    assert(taken > 100, `${taken} records of 2 kB`);
    const { waiting } = backlog;
    assertEquals([backlog.full, backlog.hasSeen(`${taken + 1}`), backlog.accept(recordOf("more"), [])], [
      true,
      false,
      false,
    ]);
    assertEquals([backlog.waiting, backlog.hasSeen("more")], [waiting, false]);
    const [room, again] = [backlog.room(), backlog.room()];
    await stand.clock.advance(LONG_ENOUGH_MS);
    assertEquals([await isOver(room), await isOver(again)], [false, false]);
    assertEquals(take(backlog, "a", 100).length, 100);
    await stand.clock.advance(LONG_ENOUGH_MS);
    assertEquals([await isOver(room), await isOver(again), backlog.full], [true, true, false]);
    assertEquals([backlog.accept(recordOf("more"), []), backlog.hasSeen("more")], [true, true]);
    backlog.settle();
    const rest = take(backlog, "a", taken);
    assertEquals(
      [rest.length, rest[0], rest.at(-1)],
      [taken - 99, "101", "more"],
      "none is missing, and none was made",
    );
  });

  await part("a record larger than all of its room is taken when nothing else waits", ["a"], (stand) => {
    const { backlog } = stand;
    assertEquals(backlog.accept(recordOf(1, "x".repeat(1_500_000)), []), true);
    backlog.settle();
    assertEquals([backlog.full, backlog.accept(recordOf(2), [])], [true, false]);
    assertEquals(take(backlog, "a", 1), ["1"]);
    backlog.settle();
    assertEquals([backlog.full, backlog.accept(recordOf(2), [])], [false, true]);
  });

  await part("who waits for more is woken by a record for the sink, and by nothing else", ["a", "b"], async (stand) => {
    const { backlog, clock } = stand;
    const [one, two] = [backlog.more("a", 0), backlog.more("b", 0)];
    backlog.count([], { outcome: "dropped", reason: "no_rule" });
    await clock.advance(LONG_ENOUGH_MS);
    assertEquals([await isOver(one), await isOver(two)], [false, false]);
    backlog.accept(recordOf(1), [DENO_RULE]);
    await clock.advance(LONG_ENOUGH_MS);
    assertEquals([await isOver(one), await isOver(two), await isOver(backlog.more("a", 0))], [true, true, true]);
    const next = backlog.more("a", 1);
    const beyond = backlog.more("a", 2);
    take(backlog, "a", 1);
    take(backlog, "b", 1);
    await clock.advance(LONG_ENOUGH_MS);
    assertEquals(
      [await isOver(next), await isOver(beyond)],
      [false, false],
      "the acknowledgement of another is no record",
    );
    accept(backlog, 2, 2);
    assertEquals([await isOver(next), await isOver(beyond)], [true, false]);
    accept(backlog, 3, 3);
    assertEquals(await isOver(beyond), true);
  });

  await part("closed: takes nothing, gives what it has, and lets go all who wait", ["a"], async (stand) => {
    const { backlog } = stand;
    const taken = fill(backlog);
    const [room, more] = [backlog.room(), backlog.more("a", taken)];
    assertEquals([await isOver(room), await isOver(more)], [false, false]);
    backlog.close();
    assertEquals([await isOver(room), await isOver(more), backlog.closed], [true, true, true]);
    assertEquals([await isOver(backlog.room()), await isOver(backlog.more("a", taken))], [true, true]);
    backlog.close();
    assertEquals(take(backlog, "a", taken).length, taken);
    backlog.settle();
    assertEquals(backlog.waiting, { records: 0, bytes: 0 });
    assertEquals([backlog.accept(recordOf("more"), []), backlog.hasSeen("more"), backlog.hasSeen("1")], [
      false,
      false,
      true,
    ]);
  });

  await part("closing gives out what was taken in just before", ["a"], (stand) => {
    stand.backlog.accept(recordOf(1), []);
    stand.backlog.close();
    assertEquals(take(stand.backlog, "a", 1), ["1"]);
  });

  await part("what waits outlives the process where the backlog says so, and nowhere else", ["a", "b"], (stand) => {
    const { isKept } = stand.backlog;
    accept(stand.backlog, 1, 5);
    take(stand.backlog, "a", 2);
    take(stand.backlog, "b", 1);
    stand.backlog.settle();
    const before = stand.backlog.read("a", 2, ALL);
    stand.restart(["a", "b"]);
    const { backlog } = stand;
    assertEquals(backlog.isKept, isKept);
    assertEquals(backlog.waiting.records, isKept ? 4 : 0);
    assertEquals([backlog.positionOf("a"), backlog.positionOf("b")], isKept ? [2, 1] : [0, 0]);
    assertEquals(["1", "5", "6"].map((id) => backlog.hasSeen(id)), [isKept, isKept, false]);
    if (isKept) assertEquals(backlog.read("a", 2, ALL).map(plain), before.map(plain), "facts and all");
    accept(backlog, 6, 6);
    assertEquals(take(backlog, "b", 9), isKept ? ["2", "3", "4", "5", "6"] : ["6"]);
  });

  await checkSinksOfBacklog(part);

  await t.step("two sinks of one name are refused", () => {
    assertThrows(() => make(["a", "b", "a"]), RangeError, "two of the sinks have one name");
  });
}

/** An entry for comparing: bytes as such, whatever class of bytes holds them. */
function plain({ position, record, facts }: BacklogEntry): BacklogEntry {
  return { position, record: { ...record, value: new Uint8Array(record.value) }, facts: { ...facts } };
}
