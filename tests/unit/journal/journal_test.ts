/**
 * The journal as a backlog, where it does more than every backlog does (`tests/conformance/backlog.ts`): groups, restarts,
 * counts, sinks that come and go, and when there is no room.
 */

import { assert, assertEquals } from "@std/assert";
import { type EmittedEvent, Events } from "../../../src/base/events.ts";
import { Sqlite } from "../../../src/base/sqlite.ts";
import { openJournal } from "../../../src/journal/open_journal.ts";
import type { Disk } from "../../../src/journal/space.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";
import { COFFEE_RULE, DENO_RULE, JournalFile } from "../../support/journal_file.ts";
import { recordOf } from "../../support/records.ts";

const ALL = { records: 100_000, bytes: 1e9 };

function idsFor(file: JournalFile, sink: string): string[] {
  const { journal } = file;
  return journal.read(sink, journal.positionOf(sink), ALL).map(({ record }) => record.id);
}

Deno.test("a record is handed out when its group is on disk: after 20 ms, or with the 512th", async () => {
  using file = new JournalFile();
  file.journal.accept(recordOf(1), [DENO_RULE]);
  await file.clock.advance(19);
  assertEquals([idsFor(file, "file"), rowsOf(file)], [[], 0]);
  await file.clock.advance(1);
  assertEquals([idsFor(file, "file"), rowsOf(file)], [["1"], 1]);
  for (let id = 2; id <= 512; id++) file.journal.accept(recordOf(id), [DENO_RULE]);
  assertEquals(rowsOf(file), 1);
  file.journal.accept(recordOf(513), [DENO_RULE]);
  assertEquals([idsFor(file, "file").length, rowsOf(file)], [513, 513]);
});

Deno.test("what was not delivered before a restart is delivered after it, from the very first record on", () => {
  using file = new JournalFile();
  file.accept(1, 5);
  file.open(["file"]);
  assertEquals(file.journal.waiting.records, 5);
  file.accept(6, 7);
  assertEquals(file.deliver("file"), ["1", "2", "3", "4", "5", "6", "7"]);
  assertEquals([file.journal.waiting, rowsOf(file)], [{ records: 0, bytes: 0 }, 0]);
});

Deno.test("a sink reads on from the disk what memory has let go of, in batches by records and bytes", () => {
  using file = new JournalFile();
  file.accept(1, 10);
  file.open(["file"]);
  const [first, ...others] = file.journal.read("file", 0, { records: 3, bytes: 1e9 });
  assertEquals([first, ...others].map((entry) => entry?.position), [1, 2, 3]);
  const size = recordOf(1).value.length;
  assertEquals(file.journal.read("file", 3, { records: 100, bytes: 2 * size }).map(({ position }) => position), [4, 5]);
  assertEquals(file.journal.read("file", 3, { records: 100, bytes: 1 }).length, 1);
});

Deno.test("ids are known for two days", async () => {
  using file = new JournalFile();
  file.accept(1, 1);
  file.deliver("file");
  await file.clock.advance(49 * 3_600_000);
  file.accept(2, 2);
  assertEquals([file.journal.hasSeen("1"), file.journal.hasSeen("2")], [false, true]);
});

Deno.test("everything is counted by the hour, for all and for each rule, with what became of it", () => {
  using file = new JournalFile();
  file.accept(1, 3, [DENO_RULE, COFFEE_RULE]);
  file.accept(4, 4, [COFFEE_RULE]);
  file.journal.count([DENO_RULE], { outcome: "repeated" });
  file.journal.count([], { outcome: "dropped", reason: "no_rule" });
  file.deliver("file", [2]);
  file.end();
  const database = new Sqlite(file.path, { isReadOnly: true });
  const rows = database.all<{ rule: number; outcome: string; detail: string; count: number }>(
    "SELECT rule, outcome, detail, count FROM counters",
  );
  database.close();
  const told = rows.map(({ rule, outcome, detail, count }) =>
    `${rule} ${outcome} ${detail} ${count}`.replace("  ", " ")
  );
  assertEquals(
    told.sort(),
    [
      ...["0 accepted 4", "0 dead file 1", "0 delivered file 3", "0 dropped no_rule 1", "0 due file 4"],
      ...["0 received 6", "0 repeated 1", "1 accepted 3", "1 dead file 1", "1 delivered file 2", "1 due file 3"],
      ...["1 received 4", "1 repeated 1", "2 accepted 4", "2 dead file 1", "2 delivered file 3", "2 due file 4"],
      "2 received 4",
    ].sort(),
  );
});

Deno.test("a sink that is taken away keeps what was accepted for it, and gets no more when it is back", () => {
  using file = new JournalFile(["kafka", "file"]);
  file.accept(1, 3);
  file.deliver("file");
  file.open(["file"]);
  file.accept(4, 6);
  assertEquals(file.deliver("file"), ["4", "5", "6"]);
  assertEquals(rowsOf(file), 3, "what follows those that wait leaves when the others have it");
  file.open(["file", "kafka"]);
  file.accept(7, 7);
  assertEquals(file.deliver("kafka"), ["1", "2", "3", "7"]);
  assertEquals(file.deliver("file"), ["7"]);
  assertEquals(rowsOf(file), 0);
});

Deno.test("a sink that is new begins with what comes from then on", () => {
  using file = new JournalFile(["file"]);
  file.accept(1, 3);
  file.open(["file", "sqlite"]);
  file.accept(4, 4);
  assertEquals(file.deliver("sqlite"), ["4"]);
  assertEquals(file.deliver("file"), ["1", "2", "3", "4"]);
});

Deno.test("the journal is full at its limit, of pages that are used, and has room when records leave", async () => {
  using file = new JournalFile();
  file.end();
  const told: EmittedEvent[] = [];
  const events = new Events();
  events.listen((event) => told.push(event));
  const disk = () => ({ free: 1e12, size: 1e12 });
  const clock = new FakeClock();
  const maxBytes = 1024 ** 2;
  const journal = openJournal({ directory: file.directory, sinks: ["file"], maxBytes, clock, events, disk });
  let accepted = 0;
  while (journal.accept(recordOf(++accepted, "x".repeat(2_000)), [DENO_RULE])) journal.settle();
  assert(accepted > 300 && accepted < 530, `${accepted} records of 2 kB are taken in a megabyte`);
  assertEquals(journal.fault, "it has reached JOURNAL_MAX_BYTES (1048576 bytes)");
  let hasRoom = false;
  const room = journal.room().then(() => hasRoom = true);
  await settle();
  assertEquals(hasRoom, false);
  const entries = journal.read("file", 0, { records: 100, bytes: 1e9 });
  journal.acknowledge("file", { entries, refused: new Map() });
  await clock.advance(20);
  await room;
  assertEquals([journal.fault, journal.accept(recordOf("more"), [])], [undefined, true]);
  assertEquals(told.map(({ name }) => name), ["journal_opened", "journal_full", "journal_has_room"]);
  journal.end();
});

Deno.test("ids that are remembered never fill a small journal", async () => {
  using file = new JournalFile();
  file.end();
  const clock = new FakeClock();
  const disk = () => ({ free: 1e12, size: 1e12 });
  const options = {
    directory: file.directory,
    sinks: ["file"],
    maxBytes: 1024 ** 2,
    clock,
    events: new Events(),
    disk,
  };
  const journal = openJournal(options);
  for (let id = 1; id <= 20_000; id++) {
    assert(journal.accept(recordOf(id), [DENO_RULE]), `full after ${id} tweets, all delivered: ${journal.fault}`);
    if (id % 500 > 0) continue;
    await clock.advance(1_000);
    const entries = journal.read("file", journal.positionOf("file"), ALL);
    journal.acknowledge("file", { entries, refused: new Map() });
    journal.settle();
  }
  assertEquals([journal.hasSeen("20000"), journal.hasSeen("1")], [true, false]);
  journal.end();
});

Deno.test("a disk of which less than a twentieth is free is full as well", async () => {
  using file = new JournalFile();
  file.end();
  let free = 40;
  const disk = (): Disk => ({ free, size: 1_000 });
  const clock = new FakeClock();
  const options = { directory: file.directory, sinks: ["file"], maxBytes: 1e9, clock, events: new Events(), disk };
  const journal = openJournal(options);
  assertEquals([journal.full, journal.fault], [true, "less than 5 % of its disk is free"]);
  assertEquals(journal.accept(recordOf(1), []), false);
  free = 60;
  await clock.advance(1_000);
  assertEquals([journal.full, journal.accept(recordOf(1), [])], [false, true]);
  journal.end();
});

Deno.test("what cannot be written now is kept, told, and written when it can be", async () => {
  using file = new JournalFile();
  const other = new Sqlite(file.path);
  other.script("BEGIN EXCLUSIVE");
  file.journal.accept(recordOf(1), [DENO_RULE]);
  file.journal.settle();
  assert(file.journal.fault?.includes("locked"), file.journal.fault);
  assertEquals([idsFor(file, "file"), file.journal.waiting.records], [[], 1]);
  file.journal.accept(recordOf(2), [DENO_RULE]);
  other.script("COMMIT");
  other.close();
  await file.clock.advance(1_000);
  assertEquals([file.journal.fault, idsFor(file, "file")], [undefined, ["1", "2"]]);
});

function rowsOf(file: JournalFile): number {
  const database = new Sqlite(file.path, { isReadOnly: true });
  try {
    return database.get<{ rows: number }>("SELECT count(*) AS rows FROM records")!.rows;
  } finally {
    database.close();
  }
}
