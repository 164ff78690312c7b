import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { SettingsError, UnavailableError } from "../../../src/base/errors.ts";
import { lookIntoJournal } from "../../../src/journal/journal_reader.ts";
import { JournalFile } from "../../support/journal_file.ts";

function countIn(path: string): number {
  return lookIntoJournal(path, (database) => database.get<{ n: number }>("SELECT count(*) AS n FROM records")!.n);
}

Deno.test("a journal can be looked into while it is open, and after", () => {
  using file = new JournalFile();
  file.accept(1, 3);
  assertEquals(countIn(file.path), 3);
  file.end();
  assertEquals(countIn(file.path), 3);
});

Deno.test("one look sees one moment, whatever is written meanwhile", () => {
  using file = new JournalFile();
  file.accept(1, 3);
  const counts = lookIntoJournal(file.path, (database) => {
    const count = () => database.get<{ n: number }>("SELECT count(*) AS n FROM records")!.n;
    const before = count();
    file.accept(4, 9);
    return [before, count()];
  });
  assertEquals(counts, [3, 3]);
  assertEquals(countIn(file.path), 9);
});

Deno.test("a look writes nothing", () => {
  using file = new JournalFile();
  assertThrows(() => lookIntoJournal(file.path, (database) => database.run("DELETE FROM records")), UnavailableError);
});

Deno.test("where there is no journal, the error names the file that was looked for", () => {
  const error = assertThrows(() => countIn("/nowhere/at/all/journal.db"), SettingsError);
  assertEquals(error.message, "Cannot find a journal: there is no /nowhere/at/all/journal.db");
  assertStringIncludes(error.hint, "--state-dir");
});

Deno.test("a newer, an older and a torn file are refused in words", () => {
  using file = new JournalFile();
  file.accept(1, 200);
  file.end();
  file.tamper("PRAGMA user_version = 99");
  assertStringIncludes(assertThrows(() => countIn(file.path), SettingsError).message, "a newer traptor has written it");
  file.tamper("PRAGMA user_version = 0");
  assertStringIncludes(assertThrows(() => countIn(file.path), SettingsError).message, "it is none, or of an older");
  file.tamper("PRAGMA user_version = 1", "PRAGMA wal_checkpoint(TRUNCATE)");
  Deno.writeTextFileSync(file.path, "x".repeat(8_192));
  const error = assertThrows(() => countIn(file.path), UnavailableError);
  assertStringIncludes(error.message, `Cannot read the journal ${file.path}: `);
  assertStringIncludes(error.hint, "starting the collector");
});
