/** A sink that takes no more, room that comes back by itself, and an id that is accepted twice. */

import { assertEquals } from "@std/assert";
import { Events } from "../../../src/base/events.ts";
import { differencesIn } from "../../../src/journal/balance.ts";
import type { Journal } from "../../../src/journal/journal.ts";
import { openJournal } from "../../../src/journal/open_journal.ts";
import { waitersIn } from "../../../src/journal/sink_positions.ts";
import type { Disk } from "../../../src/journal/space.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { recordOf } from "../../support/records.ts";

const GIGABYTE = 1e9;

async function withJournal(
  { sinks, disk }: { sinks: string[]; disk?: () => Disk },
  body: (journal: Journal, clock: FakeClock) => void | Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const clock = new FakeClock();
  const parts = { directory, sinks, maxBytes: GIGABYTE, clock, events: new Events() };
  const journal = openJournal(disk ? { ...parts, disk } : parts);
  try {
    await body(journal, clock);
  } finally {
    journal.end();
    await Deno.remove(directory, { recursive: true });
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
