/** A sink that takes no more, room that comes back by itself, and an id that is accepted twice. */

import { assertEquals, assertMatch } from "@std/assert";
import { Events } from "../../../src/base/events.ts";
import { differencesIn } from "../../../src/journal/balance.ts";
import { retryDead } from "../../../src/journal/dead_letters.ts";
import type { Journal } from "../../../src/journal/journal.ts";
import { openJournal } from "../../../src/journal/open_journal.ts";
import { waitersIn } from "../../../src/journal/sink_positions.ts";
import type { Disk } from "../../../src/journal/space.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { JournalFile } from "../../support/journal_file.ts";
import { recordOf } from "../../support/records.ts";
import { TestFolder } from "../../support/test_folder.ts";

const GIGABYTE = 1e9;

async function withJournal(
  { sinks, disk, maxBytes = GIGABYTE }: { sinks: string[]; disk?: () => Disk; maxBytes?: number },
  body: (journal: Journal, clock: FakeClock, told: readonly string[]) => void | Promise<void>,
): Promise<void> {
  using folder = new TestFolder();
  const clock = new FakeClock();
  const events = new Events();
  const told: string[] = [];
  events.listen((event) => told.push(event.name));
  const parts = { directory: folder.path, sinks, maxBytes, clock, events };
  const journal = openJournal(disk ? { ...parts, disk } : parts);
  try {
    await body(journal, clock, told);
  } finally {
    journal.end();
  }
}

function differences(journal: Journal) {
  return journal.use((database) => differencesIn(database, waitersIn(database)));
}

Deno.test("a sink that leaves is due nothing more, and what it did not get is counted, the last group included", async () => {
  await withJournal({ sinks: ["stdout", "file"] }, (journal) => {
    journal.accept(recordOf(1), []);
    journal.settle();
    journal.accept(recordOf(2), []);
    assertEquals(journal.leave("stdout"), 2);
    journal.accept(recordOf(3), []);
    journal.settle();
    assertEquals(differences(journal), []);
    assertEquals(journal.sinks, ["file"]);
    assertEquals(journal.waiting.records, 3);
  });
});

Deno.test("who waits for room gets it when others free the disk, though nothing is written", async () => {
  let free = 1;
  await withJournal({ sinks: ["file"], disk: () => ({ free, size: 100 }) }, async (journal, clock) => {
    assertEquals(journal.accept(recordOf(1), []), false);
    let hasRoom = false;
    const room = journal.room().then(() => hasRoom = true);
    await clock.advance(10_000);
    assertEquals(hasRoom, false);
    free = 50;
    await clock.advance(5_000);
    assertEquals(hasRoom, true);
    await room;
    assertEquals(journal.accept(recordOf(1), []), true);
  });
});

Deno.test("an id that is accepted again is a record of its own, and the balance holds", async () => {
  await withJournal({ sinks: ["file"] }, (journal) => {
    journal.accept(recordOf(1), []);
    journal.settle();
    journal.accept(recordOf(1), []);
    journal.settle();
    assertEquals(journal.waiting.records, 2);
    assertEquals(differences(journal), []);
  });
});

Deno.test("dead letters of more than a tenth of the journal are a fault until somebody has looked", async () => {
  await withJournal({ sinks: ["file"], maxBytes: 1_000_000 }, async (journal, _clock, told) => {
    const die = (from: number, to: number) => {
      for (let id = from; id <= to; id++) journal.accept(recordOf(id, "x".repeat(5_000)), []);
      journal.settle();
      const entries = journal.read("file", journal.positionOf("file"), { records: 100, bytes: 1e9 });
      journal.acknowledge("file", {
        entries,
        refused: new Map(entries.map(({ position }) => [position, "too large"])),
      });
      journal.settle();
    };
    die(1, 19);
    assertEquals(journal.deadFault, undefined);
    die(20, 21);
    assertMatch(journal.deadFault ?? "", /^dead letters take 10\d{4} bytes, more than 10 % of JOURNAL_MAX_BYTES$/);
    assertEquals(told.filter((name) => name === "dead_too_many").length, 1);
    await retryDead(journal, { numbers: [1, 2, 3] }, () => Promise.resolve());
    assertEquals(journal.deadFault, undefined);
  });
});

Deno.test("a sink that is away holds up nothing but what was accepted for it", () => {
  using file = new JournalFile(["file", "kafka"]);
  file.accept(1, 10);
  file.deliver("file");
  file.open(["file"]);
  file.accept(11, 500);
  file.deliver("file");
  assertEquals([file.journal.waiting.records, file.journal.undelivered], [10, 0]);
  file.accept(501, 502);
  assertEquals([file.journal.waiting.records, file.journal.undelivered], [12, 2]);
  file.open(["file", "kafka"]);
  assertEquals(file.journal.waiting.records, 12);
  file.accept(503, 504);
  const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
  assertEquals(file.deliver("kafka"), [...ids(1, 10), "503", "504"]);
  assertEquals(file.deliver("file"), ids(501, 504));
  assertEquals(file.journal.waiting, { records: 0, bytes: 0 });
  assertEquals(differences(file.journal), []);
});
