/** What goes wrong with an SQLite file is told apart: each trouble on a real occasion of it. */

import { assert, assertEquals } from "@std/assert";
import { Sqlite } from "../../../src/base/sqlite.ts";
import { withFolderSync } from "../../support/test_folder.ts";
import { addWord, assertTrouble, filesIn, withWords, wordsIn } from "../../support/words_database.ts";

Deno.test("damaged: a file of garbage, opened to write and to look", () => {
  withFolderSync((folder) => {
    const path = `${folder}/garbage.db`;
    const garbage = new Uint8Array(20_000).map((_, index) => index * 7 + 1);
    Deno.writeFileSync(path, garbage);
    const error = assertTrouble("damaged", () => new Sqlite(path));
    assertEquals(error.message, "file is not a database");
    const reader = new Sqlite(path, { isReadOnly: true });
    assertTrouble("damaged", () => reader.get("SELECT * FROM sqlite_schema"));
    assertTrouble("damaged", () => reader.script("SELECT * FROM sqlite_schema"));
    reader.close();
    assertEquals(Deno.readFileSync(path), garbage, "it is as it was");
  });
});

Deno.test("damaged: a page that is no page any more", () => {
  withWords((database, folder) => {
    database.transaction(() => {
      for (let number = 1; number <= 3_000; number++) addWord(database, `word ${number}`);
    });
    const first = database.get<{ rootpage: number }>("SELECT rootpage FROM sqlite_schema WHERE name = 'words'")!;
    database.close();
    const file = Deno.openSync(`${folder}/words.db`, { write: true });
    file.seekSync((first.rootpage - 1) * 8_192, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array([0xee]));
    file.close();
    const damaged = new Sqlite(`${folder}/words.db`);
    assertTrouble("damaged", () => wordsIn(damaged));
    assertTrouble("damaged", () => damaged.script("SELECT * FROM words"));
    assertTrouble("damaged", () => damaged.transaction(() => addWord(damaged, "one")));
    damaged.close();
  });
});

Deno.test("damaged: a number that JavaScript cannot hold, for none such is ever written", () => {
  withWords((database) => {
    const largest = Number.MAX_SAFE_INTEGER;
    database.script("CREATE TABLE numbers (number INTEGER)");
    database.run("INSERT INTO numbers VALUES (?)", largest);
    database.run("INSERT INTO numbers VALUES (?)", -largest);
    assertEquals(
      database.all<{ number: number }>("SELECT number FROM numbers").map(({ number }) => number),
      [largest, -largest],
    );
    for (const number of ["9007199254740993", "-9007199254740993", "9223372036854775807"]) {
      database.script(`UPDATE numbers SET number = ${number}`);
      assertTrouble("damaged", () => database.all("SELECT number FROM numbers"));
      assertTrouble("damaged", () => database.get("SELECT number FROM numbers"));
    }
    assertEquals(database.all("SELECT number FROM words"), [], "the rest can be read");
  });
});

Deno.test("full: the transaction is undone, the words say so, and with room the same work is done", () => {
  withWords((database) => {
    addWord(database, "before");
    database.script("PRAGMA max_page_count = 20");
    const work = () => {
      for (let number = 1; number <= 50; number++) addWord(database, `${number}`.padEnd(5_000, "x"));
    };
    const error = assertTrouble("full", () => database.transaction(work));
    assertEquals(error.message, "database or disk is full");
    assertEquals(wordsIn(database), ["before"]);
    assertTrouble("full", () => database.script(`INSERT INTO words (word) VALUES (printf('%.200000c', 'x'))`));
    database.script("PRAGMA max_page_count = 2000");
    database.transaction(work);
    assertEquals(wordsIn(database).length, 51);
  });
});

Deno.test("busy: another has the lock for longer than is waited; afterwards the same work is done", () => {
  withWords((database, folder) => {
    const other = new Sqlite(`${folder}/words.db`);
    other.transaction(() => {
      const error = assertTrouble("busy", () => database.transaction(() => addWord(database, "one")));
      assertEquals(error.message, "database is locked");
      // Each wait takes two seconds; the other ways of asking need not wait.
      database.script("PRAGMA busy_timeout = 0");
      assertTrouble("busy", () => addWord(database, "one"));
      assertTrouble("busy", () => database.script("INSERT INTO words (word) VALUES ('one')"));
      assertEquals(wordsIn(database), [], "reading goes on");
    });
    other.close();
    database.transaction(() => addWord(database, "one"));
    assertEquals(wordsIn(database), ["one"]);
  });
});

Deno.test("disk: where there is no such folder, no such file to look at, or a folder in its place", () => {
  // SQLite's words for it hold the path, which must not be taken for the trouble.
  for (const name of ["plain", "database is locked", "disk is full", "malformed", "readonly"]) {
    withFolderSync((parent) => {
      const folder = `${parent}/${name}`;
      Deno.mkdirSync(folder);
      assertTrouble("disk", () => new Sqlite(`${folder}/absent/a.db`));
      assertTrouble("disk", () => new Sqlite(`${folder}/absent.db`, { isReadOnly: true }));
      assertTrouble("disk", () => new Sqlite(folder));
      assertTrouble("disk", () => new Sqlite(folder, { isReadOnly: true }));
      assertEquals(filesIn(folder), {}, "nothing was made");
    });
  }
});

Deno.test("other: statements that are wrong, whatever words are in them", () => {
  withWords((database) => {
    for (
      const wrong of ["SELEKT 1", "SELECT * FROM nowhere", "SELECT 'disk is full, locked, malformed' FROM readonly"]
    ) {
      assertTrouble("other", () => database.script(wrong));
      assertTrouble("other", () => database.run(wrong));
      assertTrouble("other", () => database.all(wrong));
      assertTrouble("other", () => database.get(wrong));
    }
    addWord(database, "one");
    const error = assertTrouble("other", () => addWord(database, "one"));
    assert(error.cause instanceof Error, "the vendor's error is its cause");
  });
});
