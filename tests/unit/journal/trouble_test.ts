/** Errors of the disk at awkward moments, each once: what was accepted is neither lost nor counted twice. */

import { assert, assertEquals } from "@std/assert";
import { Sqlite, SqliteError } from "../../../src/base/sqlite.ts";
import { audit } from "../../../src/journal/audit.ts";
import { deadLetter } from "../../../src/journal/dead_letters.ts";
import { lookIntoJournal } from "../../../src/journal/journal_reader.ts";
import { DENO_RULE, JournalFile } from "../../support/journal_file.ts";
import { recordOf } from "../../support/records.ts";

type Method = "get" | "run" | "transaction";

/** Lets calls of a method fail, those whose first argument holds some words; `fails` says how often. */
function failing(method: Method, words: string, fails: number, trouble: "damaged" | "disk" | "full", when = "before") {
  const real = Sqlite.prototype[method] as (...values: unknown[]) => unknown;
  let left = fails;
  const patched = function (this: Sqlite, ...values: unknown[]): unknown {
    const isMeant = left > 0 && String(values[0]).includes(words);
    if (isMeant) left -= 1;
    if (isMeant && when === "before") throw new SqliteError(trouble, `${trouble}, says the test`, undefined);
    const result = real.apply(this, values);
    if (isMeant) throw new SqliteError(trouble, `${trouble}, says the test`, undefined);
    return result;
  };
  Object.defineProperty(Sqlite.prototype, method, { value: patched, configurable: true, writable: true });
  return {
    [Symbol.dispose]() {
      Object.defineProperty(Sqlite.prototype, method, { value: real, configurable: true, writable: true });
    },
  };
}

Deno.test("one read that failed holds up nothing for longer than a second, also where the counts cannot be copied", async () => {
  using file = new JournalFile();
  file.accept(1, 3);
  Deno.mkdirSync(`${file.directory}/counters.json.new`);
  await file.clock.advance(61_000);
  {
    using _fault = failing("get", "FROM seen WHERE id", 1, "disk");
    assertEquals([file.journal.hasSeen("9"), file.journal.full], [undefined, true]);
  }
  await file.clock.advance(1_100);
  assertEquals([file.journal.full, file.journal.fault, file.journal.hasSeen("9")], [false, undefined, false]);
});

Deno.test("a group that is on disk though its write was answered with an error is not written again after saving", () => {
  using file = new JournalFile();
  file.accept(1, 2);
  file.journal.listening.beginGap({ at: 5, cause: "stalled", detail: "", rules: [] });
  file.journal.listening.noteAlive(7);
  file.journal.accept(recordOf(3), [DENO_RULE]);
  {
    using _fault = failing("transaction", "sinks.write", 1, "damaged", "after");
    file.journal.settle();
  }
  file.accept(4, 4);
  assertEquals(file.deliver("file"), ["1", "2", "3", "4"]);
  const { gaps, imbalances, tweets } = lookIntoJournal(file.path, audit);
  assertEquals([imbalances, tweets.accepted, gaps.length], [[], 4, 1]);
});

Deno.test("what came after a write that failed is kept when that write turns out to be on disk", async () => {
  using file = new JournalFile();
  file.accept(1, 2);
  file.journal.accept(recordOf(3), [DENO_RULE]);
  {
    using _fault = failing("transaction", "sinks.write", 1, "full", "after");
    file.journal.settle();
  }
  file.journal.accept(recordOf(4), [DENO_RULE]);
  {
    using _fault = failing("transaction", "sinks.write", 1, "damaged");
    file.journal.settle();
  }
  await file.clock.advance(2_000);
  assertEquals(file.deliver("file"), ["1", "2", "3", "4"]);
  const { imbalances, tweets } = lookIntoJournal(file.path, audit);
  assertEquals([imbalances, tweets.accepted], [[], 4]);
});

Deno.test("a damaged row that one sink alone waits for is lost for that one alone", () => {
  using file = new JournalFile(["file", "kafka"]);
  file.accept(1, 1);
  file.deliver("file", [1]);
  file.deliver("kafka");
  const letter = file.journal.use((database) => deadLetter(database, 1));
  assert(typeof letter === "object");
  file.journal.takeBack([letter]);
  file.end();
  file.tamper("UPDATE records SET value = x'00'");
  file.open(["file", "kafka"]);
  assertEquals([file.deliver("kafka"), file.deliver("file")], [[], []]);
  const { imbalances, sinks, tweets } = lookIntoJournal(file.path, audit);
  assertEquals([imbalances, tweets.accepted], [[], 1]);
  assertEquals(sinks.map(({ sink, delivered, lost }) => [sink, delivered, lost]), [["file", 0, 1], ["kafka", 1, 0]]);
});

Deno.test("what was saved is saved once, however often opening it fails, and the damaged file is kept", async () => {
  using file = new JournalFile();
  file.accept(1, 3);
  const damaged = () => [...Deno.readDirSync(file.directory)].filter(({ name }) => /damaged-.*Z$/.test(name)).length;
  {
    using _fault = failing("get", "FROM seen WHERE id", 1, "damaged");
    using _later = failing("run", "INSERT INTO sinks", 5, "full");
    assertEquals(file.journal.hasSeen("9"), undefined);
    for (let second = 0; second < 7; second++) await file.clock.advance(1_100);
  }
  assertEquals([damaged(), file.journal.fault], [1, undefined]);
  assertEquals(file.deliver("file"), ["1", "2", "3"]);
});
