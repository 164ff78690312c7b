import { assert, assertEquals } from "@std/assert";
import { type Audit, audit } from "../../../src/journal/audit.ts";
import { deadLetter } from "../../../src/journal/dead_letters.ts";
import { putHoursTogether } from "../../../src/journal/housekeeping.ts";
import { lookIntoJournal } from "../../../src/journal/journal_reader.ts";
import { DAY_MS, HOUR_MS } from "../../../src/journal/tally.ts";
import { COFFEE_RULE, DENO_RULE, JournalFile } from "../../support/journal_file.ts";

const TEN = Date.UTC(2026, 10, 23, 10);

/** 10 tweets accepted for two sinks, one repeated, two dropped; the file has 9 and refused 1, Kafka has none. */
function filled(): JournalFile {
  const file = new JournalFile(["file", "kafka"], TEN + 60_000);
  file.accept(1, 6);
  file.accept(7, 10, [DENO_RULE, COFFEE_RULE]);
  file.journal.count([COFFEE_RULE], { outcome: "repeated" });
  file.journal.count([DENO_RULE], { outcome: "dropped", reason: "rate_limited" });
  file.journal.count([], { outcome: "dropped", reason: "no_rule" });
  file.deliver("file", [3]);
  return file;
}

function auditOf({ path }: JournalFile): Audit {
  return lookIntoJournal(path, audit);
}

Deno.test("a journal in use balances, and the audit says how", () => {
  using file = filled();
  const { damaged, gaps, imbalances, sinks, span, tweets } = auditOf(file);
  assertEquals({ damaged, gaps, imbalances }, { damaged: [], gaps: [], imbalances: [] });
  assertEquals(span, { from: TEN, to: TEN + HOUR_MS });
  assertEquals(tweets, { received: 13, accepted: 10, repeated: 1, dropped: { no_rule: 1, rate_limited: 1 } });
  const rest = { unread: 0, lost: 0 };
  assertEquals(sinks, [
    { sink: "file", due: 10, delivered: 9, dead: 1, ...rest, waiting: 0, waitingRows: 0 },
    { sink: "kafka", due: 10, delivered: 0, dead: 0, ...rest, waiting: 10, waitingRows: 10 },
  ]);
});

Deno.test("an empty journal balances", () => {
  using file = new JournalFile();
  const { imbalances, span, tweets } = auditOf(file);
  assertEquals({ imbalances, span }, { imbalances: [], span: undefined });
  assertEquals(tweets, { received: 0, accepted: 0, repeated: 0, dropped: {} });
});

Deno.test("a record row that was deleted is missed, by hour, rule and sink", () => {
  using file = filled();
  file.tamper("DELETE FROM records WHERE position = 8");
  const { imbalances, rules, sinks } = auditOf(file);
  const of = (rule: number, expected: number) => ({
    ...{ hour: TEN, rule, sink: "kafka", what: "waiting" as const },
    ...{ expected, found: expected - 1 },
  });
  assertEquals(imbalances, [of(0, 10), of(1, 10), of(2, 4)]);
  assertEquals([rules.get(1)?.value, rules.get(2)?.value], ["deno", "coffee"]);
  assertEquals(sinks.map(({ waiting, waitingRows }) => [waiting, waitingRows]), [[0, 0], [10, 9]]);
});

const COUNTER_CHANGES: readonly [string, string, string, number][] = [
  ["received", "", "received", 0],
  ["accepted", "", "received", 1],
  ["repeated", "", "received", 2],
  ["dropped", "rate_limited", "received", 1],
  ["due", "kafka", "waiting", 2],
  ["delivered", "file", "waiting", 1],
  ["dead", "file", "waiting", 0],
];

for (const [outcome, detail, what, rule] of COUNTER_CHANGES) {
  Deno.test(`a changed count of ${outcome} ${detail} of rule ${rule} is found`, () => {
    using file = filled();
    file.tamper(
      `UPDATE counters SET count = count + 1 WHERE outcome = '${outcome}' AND detail = '${detail}' AND rule = ${rule}`,
    );
    const found = auditOf(file).imbalances.filter((imbalance) => imbalance.what === what);
    assertEquals(found.map(({ hour, rule, sink }) => ({ hour, rule, sink })), [{
      hour: TEN,
      rule,
      sink: what === "received" ? "" : detail,
    }]);
  });
}

Deno.test("counts that were changed together are found by what was accepted", () => {
  using file = filled();
  file.tamper(
    "UPDATE counters SET count = count - 1 WHERE outcome IN ('due', 'delivered') AND detail = 'file' AND rule IN (0, 1)",
  );
  const { imbalances } = auditOf(file);
  assertEquals(imbalances.map(({ what, rule, sink, expected, found }) => [what, rule, sink, expected, found]), [
    ["due", 0, "file", 10, 9],
    ["due", 1, "file", 10, 9],
  ]);
});

Deno.test("a sink that came later, or was away, has less due than was accepted, and never more", () => {
  using file = new JournalFile(["file"]);
  file.accept(1, 5);
  file.open(["file", "kafka"]);
  file.accept(6, 8);
  file.open(["kafka"]);
  file.accept(9, 10);
  file.open(["file", "kafka"]);
  file.accept(11, 12);
  assertEquals(auditOf(file).imbalances, []);
  assertEquals(file.deliver("file"), ["1", "2", "3", "4", "5", "6", "7", "8", "11", "12"]);
  assertEquals(file.deliver("kafka").length, 7);
  assertEquals(auditOf(file).imbalances, []);
  file.tamper(
    "UPDATE counters SET count = count + 9 WHERE outcome IN ('due', 'delivered') AND detail = 'kafka' AND rule = 0",
  );
  assertEquals(auditOf(file).imbalances.map(({ what, rule, sink }) => [what, rule, sink]), [["due", 0, "kafka"]]);
});

Deno.test("a dead letter that was deleted by hand is missed, by hour, rule and sink", () => {
  using file = filled();
  file.tamper("DELETE FROM dead");
  const entry = { hour: TEN, sink: "file", what: "dead" as const, expected: 1, found: 0 };
  assertEquals(auditOf(file).imbalances, [{ ...entry, rule: 0 }, { ...entry, rule: 1 }]);
});

Deno.test("rows that are not what was written are named", () => {
  using file = filled();
  file.tamper(
    "UPDATE records SET value = CAST(replace(value, 'tweet 9', 'tweet 8') AS BLOB) WHERE position = 9",
    "UPDATE records SET id = '77' WHERE position = 2",
    "UPDATE dead SET headers = '{}'",
  );
  const acceptedAt = TEN + 60_000;
  assertEquals(auditOf(file).damaged, [
    { table: "records", place: 2, id: "77", acceptedAt },
    { table: "records", place: 9, id: "9", acceptedAt },
    { table: "dead", place: 1, id: "3", acceptedAt },
  ]);
});

Deno.test("counts that were put together by day still balance, also when a dead letter is retried after that", () => {
  using file = filled();
  const day = Math.floor(TEN / DAY_MS) * DAY_MS;
  file.deliver("kafka");
  file.journal.use((database) => putHoursTogether(database, day + DAY_MS));
  assertEquals(auditOf(file).span?.from, day);
  assertEquals(auditOf(file).imbalances, []);
  const letter = file.journal.use((database) => deadLetter(database, 1));
  assert(typeof letter === "object");
  file.journal.takeBack([letter]);
  assertEquals(auditOf(file).imbalances, []);
  assertEquals(file.deliver("file"), ["3"]);
  assertEquals(auditOf(file).imbalances, []);
});
