import { assertEquals, assertThrows } from "@std/assert";
import { MemoryBacklog } from "../../../src/journal/memory_backlog.ts";
import { settle } from "../../support/fake_clock.ts";
import { recordOf, recordsOf } from "../../support/records.ts";
import { withChance } from "../../support/seeded.ts";

const MANY = { records: 1_000_000, bytes: 1_000_000_000 };

function backlogWith(count: number, sinks = ["a"]): MemoryBacklog {
  const backlog = new MemoryBacklog(MANY, sinks);
  for (const record of recordsOf(1, count)) backlog.accept(record);
  return backlog;
}

function idsAfter(backlog: MemoryBacklog, position: number, records = 100): string[] {
  return backlog.read("a", position, { records, bytes: MANY.bytes }).map(({ record }) => record.id);
}

/** Says that a sink has everything up to a position. */
function acknowledge(backlog: MemoryBacklog, sink: string, position: number): void {
  const entry = { position, record: recordOf(position), facts: { at: 0, rules: [] } };
  backlog.acknowledge(sink, { entries: [entry], refused: new Map() });
}

/** Whether the promise has come to an end. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  let over = false;
  promise.then(() => over = true);
  await settle();
  return over;
}

Deno.test("records are read in the order of acceptance, from any position on, by count", () => {
  const backlog = backlogWith(5);
  assertEquals(idsAfter(backlog, 0), ["1", "2", "3", "4", "5"]);
  assertEquals(idsAfter(backlog, 2, 2), ["3", "4"]);
  assertEquals(idsAfter(backlog, 5), []);
  assertEquals(backlog.read("a", 3, MANY)[0]?.position, 4);
});

Deno.test("a batch ends where its bytes would be exceeded, but one record is always given", () => {
  const backlog = new MemoryBacklog(MANY, ["a"]);
  const size = recordOf(1).value.length;
  for (const record of recordsOf(1, 5)) backlog.accept(record);
  assertEquals(backlog.read("a", 0, { records: 100, bytes: 2 * size }).length, 2);
  assertEquals(backlog.read("a", 0, { records: 100, bytes: 2 * size - 1 }).length, 1);
  assertEquals(backlog.read("a", 0, { records: 100, bytes: 1 }).length, 1);
});

Deno.test("a record leaves when every sink has acknowledged it, not before", () => {
  const backlog = backlogWith(5, ["fast", "slow"]);
  const size = recordOf(1).value.length;
  acknowledge(backlog, "fast", 5);
  assertEquals(backlog.waiting, { records: 5, bytes: 5 * size });
  assertEquals(idsAfter(backlog, 0), ["1", "2", "3", "4", "5"]);
  acknowledge(backlog, "slow", 2);
  assertEquals(backlog.waiting, { records: 3, bytes: 3 * size });
  assertEquals([backlog.positionOf("fast"), backlog.positionOf("slow")], [5, 2]);
  acknowledge(backlog, "slow", 5);
  assertEquals(backlog.waiting, { records: 0, bytes: 0 });
  assertThrows(() => backlog.read("a", 0, MANY), RangeError, "it has left the backlog");
});

Deno.test("positions go on over what has left", () => {
  const backlog = backlogWith(3);
  acknowledge(backlog, "a", 3);
  backlog.accept(recordOf(4));
  assertEquals(backlog.read("a", 3, MANY).map(({ position }) => position), [4]);
});

Deno.test("full by records: nothing is taken, until there is room", async () => {
  const backlog = new MemoryBacklog({ records: 2, bytes: MANY.bytes }, ["a"]);
  assertEquals([1, 2, 3].map((id) => backlog.accept(recordOf(id))), [true, true, false]);
  assertEquals(backlog.full, true);
  const room = backlog.room();
  assertEquals(await isOver(room), false);
  acknowledge(backlog, "a", 1);
  assertEquals(await isOver(room), true);
  assertEquals(backlog.accept(recordOf(3)), true);
  assertEquals(idsAfter(backlog, 1), ["2", "3"]);
});

Deno.test("full by bytes; a record larger than all the room is taken when it is alone", () => {
  const backlog = new MemoryBacklog({ records: 100, bytes: 1_000 }, ["a"]);
  assertEquals(backlog.accept(recordOf(1, "x".repeat(5_000))), true);
  assertEquals(backlog.accept(recordOf(2)), false);
  acknowledge(backlog, "a", 1);
  assertEquals(backlog.accept(recordOf(2)), true);
});

Deno.test("who waits for more is woken by a record, and by the end", async () => {
  const backlog = new MemoryBacklog(MANY, ["a"]);
  const first = backlog.more("a", 0);
  assertEquals(await isOver(first), false);
  backlog.accept(recordOf(1));
  assertEquals(await isOver(first), true);
  assertEquals(await isOver(backlog.more("a", 0)), true);
  const second = backlog.more("a", 1);
  assertEquals(await isOver(second), false);
  backlog.close();
  assertEquals(await isOver(second), true);
});

Deno.test("closed: takes nothing, gives what it has, and lets go who waits for room", async () => {
  const backlog = new MemoryBacklog({ records: 1, bytes: MANY.bytes }, ["a"]);
  backlog.accept(recordOf(1));
  const room = backlog.room();
  backlog.close();
  assertEquals(await isOver(room), true);
  assertEquals(backlog.closed, true);
  assertEquals(idsAfter(backlog, 0), ["1"]);
  acknowledge(backlog, "a", 1);
  assertEquals(backlog.accept(recordOf(2)), false);
});

Deno.test("positions go neither back nor beyond what there is, and a sink must be known", () => {
  const backlog = backlogWith(3);
  acknowledge(backlog, "a", 2);
  assertThrows(() => acknowledge(backlog, "a", 1), RangeError, "it is at 2 of 3");
  assertThrows(() => acknowledge(backlog, "a", 4), RangeError);
  assertThrows(() => backlog.positionOf("b"), RangeError, "knows no sink b");
  assertThrows(() => new MemoryBacklog(MANY, ["a", "a"]), RangeError, "one name");
});

Deno.test("whatever the order of steps, it is a queue in which each sink has its place", async () => {
  await withChance((chance) => {
    const upTo = (n: number) => Math.floor(chance() * n);
    const sinks = ["a", "b", "c"];
    const limits = { records: 6_000, bytes: 400_000 };
    const backlog = new MemoryBacklog(limits, sinks);
    const all: number[] = [];
    let bytes = 0;
    const sizes = [0];
    const positions = new Map(sinks.map((sink) => [sink, 0]));
    const delivered = () => Math.min(...positions.values());
    for (let step = 0; step < 3_000; step++) {
      if (chance() < 0.5) {
        for (let record = upTo(60); record > 0; record--) {
          const next = recordOf(all.length + 1, "x".repeat(upTo(100)));
          const waiting = all.length - delivered();
          const isFull = waiting > 0 && (waiting >= limits.records || bytes >= limits.bytes);
          assertEquals(backlog.accept(next), !isFull);
          if (isFull) break;
          all.push(all.length + 1);
          sizes.push(next.value.length);
          bytes += next.value.length;
        }
      } else {
        const sink = sinks[upTo(3)]!;
        const position = positions.get(sink)!;
        const entries = backlog.read("a", position, { records: 1 + upTo(200), bytes: 1 + upTo(30_000) });
        assertEquals(entries.map(({ record }) => Number(record.id)), all.slice(position, position + entries.length));
        const before = delivered();
        positions.set(sink, position + entries.length);
        for (let gone = before + 1; gone <= delivered(); gone++) bytes -= sizes[gone]!;
        if (entries.length > 0) acknowledge(backlog, sink, position + entries.length);
      }
      assertEquals(backlog.waiting, { records: all.length - delivered(), bytes });
    }
  });
});

Deno.test("a sink that leaves is waited for no longer, and what it missed is counted", () => {
  const backlog = new MemoryBacklog({ records: 10, bytes: 1_000_000 }, ["one", "two"]);
  for (const id of ["1", "2", "3"]) backlog.accept({ id, value: new Uint8Array(10), headers: {} });
  acknowledge(backlog, "one", 3);
  acknowledge(backlog, "two", 1);
  assertEquals(backlog.waiting, { records: 2, bytes: 20 });
  assertEquals(backlog.leave("two"), 2);
  assertEquals(backlog.waiting, { records: 0, bytes: 0 });
  assertEquals(backlog.positionOf("two"), 1);
});
