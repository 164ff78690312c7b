import { assertEquals } from "@std/assert";
import { audit } from "../../../src/journal/audit.ts";
import { deadHeads, deadLetter, retryDead } from "../../../src/journal/dead_letters.ts";
import { deadBytes } from "../../../src/journal/state_values.ts";
import { lookIntoJournal } from "../../../src/journal/journal_reader.ts";
import { JournalFile } from "../../support/journal_file.ts";
import { recordOf } from "../../support/records.ts";

const NOTHING = { unknown: [], damaged: [], absent: [], fault: null };
const noPause = () => Promise.resolve();

/** Ten tweets; Kafka refused 2, 3 and 5, the file took all but 7. */
function withDead(): JournalFile {
  const file = new JournalFile(["file", "kafka"]);
  file.accept(1, 10);
  file.deliver("kafka", [2, 3, 5]);
  file.deliver("file", [7]);
  return file;
}

function numbersIn({ path }: JournalFile, sink?: string): number[] {
  return lookIntoJournal(path, (database) => [...deadHeads(database, sink === undefined ? {} : { sink })])
    .map(({ number }) => number);
}

function imbalancesOf({ path }: JournalFile) {
  return lookIntoJournal(path, audit).imbalances;
}

function keptCount({ path }: JournalFile): [kept: number, counted: number] {
  return lookIntoJournal(path, (database) => [
    deadBytes(database),
    database.get<{ bytes: number }>("SELECT coalesce(sum(length(value)), 0) AS bytes FROM dead")!.bytes,
  ]);
}

Deno.test("dead letters are listed in order, of all sinks or one, and read back whole", () => {
  using file = withDead();
  assertEquals(numbersIn(file), [1, 2, 3, 4]);
  assertEquals(numbersIn(file, "kafka"), [1, 2, 3]);
  assertEquals(numbersIn(file, "stdout"), []);
  const letter = lookIntoJournal(file.path, (database) => deadLetter(database, 3));
  assertEquals(letter, {
    ...{ number: 3, sink: "kafka", reason: "too large", id: "5", record: recordOf(5) },
    ...{ diedAt: file.clock.now(), acceptedAt: file.clock.now(), bytes: recordOf(5).value.length },
    facts: { at: file.clock.now(), rules: [1] },
  });
  assertEquals(lookIntoJournal(file.path, (database) => deadLetter(database, 9)), undefined);
});

Deno.test("a retried dead letter goes to its own sink alone, once, and the journal balances all the while", async () => {
  using file = withDead();
  assertEquals(await retryDead(file.journal, { numbers: [2, 4, 2] }, noPause), { ...NOTHING, retried: 2 });
  assertEquals(numbersIn(file), [1, 3]);
  assertEquals(imbalancesOf(file), []);
  assertEquals(file.deliver("kafka"), ["3"]);
  assertEquals(file.deliver("file"), ["7"]);
  assertEquals(imbalancesOf(file), []);
  file.accept(11, 11);
  assertEquals([file.deliver("kafka"), file.deliver("file")], [["11"], ["11"]]);
  assertEquals(file.journal.waiting, { records: 0, bytes: 0 });
});

Deno.test("what a sink refuses again is a dead letter again", async () => {
  using file = withDead();
  assertEquals(await retryDead(file.journal, {}, noPause), { ...NOTHING, retried: 4 });
  assertEquals(file.deliver("kafka", [3]), ["2", "3", "5"]);
  assertEquals(file.deliver("file"), ["7"]);
  const [only] = lookIntoJournal(file.path, (database) => [...deadHeads(database)]);
  assertEquals([only?.id, numbersIn(file).length], ["3", 1]);
  assertEquals(imbalancesOf(file), []);
});

Deno.test("retried dead letters outlive the process", async () => {
  using file = withDead();
  await retryDead(file.journal, { sink: "kafka" }, noPause);
  file.open(["file", "kafka"]);
  assertEquals(file.deliver("kafka"), ["2", "3", "5"]);
  assertEquals(numbersIn(file), [4]);
  assertEquals(imbalancesOf(file), []);
});

Deno.test("numbers that there are none of, damaged ones and those of a sink that is away stay, and are named", async () => {
  using file = withDead();
  file.tamper("UPDATE dead SET value = x'00' WHERE number = 4");
  file.open(["file"]);
  assertEquals(await retryDead(file.journal, { numbers: [1, 4, 77] }, noPause), {
    ...{ retried: 0, unknown: [77], damaged: [4], fault: null },
    absent: [{ number: 1, sink: "kafka" }],
  });
  assertEquals(numbersIn(file), [1, 2, 3, 4]);
});

Deno.test("many large dead letters go back some at a time, each once", async () => {
  using file = new JournalFile(["kafka"]);
  const text = "x".repeat(1_500_000);
  for (let id = 1; id <= 7; id++) file.journal.accept(recordOf(id, text), []);
  file.journal.settle();
  file.deliver("kafka", [1, 2, 3, 4, 5, 6, 7]);
  const left: number[] = [];
  const pause = () => Promise.resolve(void left.push(numbersIn(file).length));
  assertEquals(await retryDead(file.journal, {}, pause), { ...NOTHING, retried: 7 });
  assertEquals(left, [5, 3, 1, 0], "4 MB at a time");
  assertEquals(file.deliver("kafka").length, 7);
  assertEquals(imbalancesOf(file), []);
});

Deno.test("the bytes of dead letters are kept count of", async () => {
  using file = withDead();
  const [kept, counted] = keptCount(file);
  assertEquals(kept, counted);
  assertEquals(kept, [2, 3, 5, 7].reduce((sum, id) => sum + recordOf(id).value.length, 0));
  await retryDead(file.journal, { numbers: [1] }, noPause);
  assertEquals(...keptCount(file));
  file.open(["file", "kafka"]);
  file.deliver("kafka", [2]);
  await retryDead(file.journal, {}, noPause);
  assertEquals(keptCount(file), [0, 0]);
});
