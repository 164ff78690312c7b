import { assert, assertEquals } from "@std/assert";
import { Events } from "../../../src/base/events.ts";
import { Sqlite } from "../../../src/base/sqlite.ts";
import { audit } from "../../../src/journal/audit.ts";
import { Housekeeping, WINDOW_MS } from "../../../src/journal/housekeeping.ts";
import { lookIntoJournal } from "../../../src/journal/journal_reader.ts";
import { migrate } from "../../../src/journal/schema.ts";
import { DAY_MS, HOUR_MS } from "../../../src/journal/tally.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { DENO_RULE, JournalFile } from "../../support/journal_file.ts";
import { recordOf } from "../../support/records.ts";
import { TestFolder } from "../../support/test_folder.ts";

const BEGIN = Date.UTC(2026, 0, 10, 21, 30);

function counters(database: Sqlite) {
  return database.all<{ hour: number; outcome: string; count: number }>(
    "SELECT hour, outcome, sum(count) AS count FROM counters WHERE rule = 0 AND outcome IN ('accepted', 'delivered') " +
      "GROUP BY hour, outcome ORDER BY hour, outcome",
  ).map(({ hour, outcome, count }) => [new Date(hour).toISOString(), outcome, count]);
}

Deno.test("after 90 days counts are by the day, and balance all the while, whatever is delivered when", async () => {
  using file = new JournalFile(["file"], BEGIN);
  for (let hour = 0; hour < 6; hour++) {
    file.accept(hour * 10 + 1, hour * 10 + 10);
    if (hour < 4) file.deliver("file");
    await file.clock.advance(HOUR_MS);
  }
  assertEquals(lookIntoJournal(file.path, counters).length, 10);
  await file.clock.advance(92 * DAY_MS);
  file.journal.count([DENO_RULE], { outcome: "repeated" });
  file.journal.settle();
  const days = [
    ["2026-01-10T00:00:00.000Z", "accepted", 30],
    ["2026-01-10T00:00:00.000Z", "delivered", 30],
    ["2026-01-11T00:00:00.000Z", "accepted", 30],
    ["2026-01-11T00:00:00.000Z", "delivered", 10],
  ];
  assertEquals(lookIntoJournal(file.path, counters), days);
  assertEquals(lookIntoJournal(file.path, audit).imbalances, []);
  // What waited all the time is delivered at last, and counted by its day as well.
  assertEquals(file.deliver("file").length, 20);
  days[3]![2] = 30;
  assertEquals(lookIntoJournal(file.path, counters), days);
  assertEquals(lookIntoJournal(file.path, audit).imbalances, []);
});

Deno.test("ids and receipts are kept for two days", async () => {
  using file = new JournalFile(["file"], BEGIN);
  file.accept(1, 3);
  file.deliver("file", [], { place: 1 });
  await file.clock.advance(WINDOW_MS - 1_000);
  file.accept(4, 4);
  file.deliver("file", [], { place: 2 });
  assertEquals(["1", "3", "4", "5"].map((id) => file.journal.hasSeen(id)), [true, true, true, false]);
  await file.clock.advance(2_000);
  file.accept(5, 5);
  assertEquals(["1", "3", "4", "5"].map((id) => file.journal.hasSeen(id)), [false, false, true, true]);
  const receipts = lookIntoJournal(
    file.path,
    (database) => database.all<{ receipt: string }>("SELECT * FROM receipts"),
  );
  assertEquals(receipts.map(({ receipt }) => receipt), ['{"place":2}']);
  assert(file.journal.accept(recordOf(1), [DENO_RULE]), "it may come again");
});

Deno.test("where ids would take too much of the journal the window shrinks, which is told once a day", async () => {
  const folder = new TestFolder();
  const clock = new FakeClock(BEGIN);
  const events = new Events();
  const told: Readonly<Record<string, unknown>>[] = [];
  events.listen(({ fields, name }) => name === "repeats_window_short" && told.push(fields));
  const database = new Sqlite(`${folder.path}/journal.db`);
  migrate(database);
  // A quarter of it has room for 1,000 ids.
  const housekeeping = new Housekeeping(clock, events, 400_000);
  const add = (from: number, to: number) =>
    database.transaction(() => {
      for (let id = from; id <= to; id++) {
        database.run("INSERT INTO seen VALUES (?, ?, ?)", id, String(id), clock.now());
      }
    });
  const kept = () => database.get<{ kept: number }>("SELECT count(*) AS kept FROM seen")!.kept;
  add(1, 1_000);
  housekeeping.tidy(database);
  assertEquals([kept(), told], [1_000, []]);
  await clock.advance(6 * HOUR_MS);
  add(1_001, 1_500);
  housekeeping.tidy(database);
  assertEquals([kept(), told], [1_000, [{ ids: 1_000, hours: 6 }]]);
  await clock.advance(HOUR_MS);
  add(1_501, 1_600);
  housekeeping.tidy(database);
  assertEquals([kept(), told.length], [1_000, 1]);
  // What is forgotten for its age is no shrinking.
  await clock.advance(3 * DAY_MS);
  add(1_601, 2_700);
  housekeeping.tidy(database);
  assertEquals(told.length, 2);
  await clock.advance(3 * DAY_MS);
  add(2_701, 2_702);
  housekeeping.tidy(database);
  assertEquals([kept(), told.length], [2, 2]);
  database.close();
  folder[Symbol.dispose]();
});
