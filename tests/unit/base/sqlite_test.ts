/** What is promised of SQLite files: all or nothing, on disk when it ends, and looked at without a trace. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { Sqlite } from "../../../src/base/sqlite.ts";
import { withFolderSync } from "../../support/test_folder.ts";
import { addWord, assertTrouble, filesIn, withWords, wordsIn } from "../../support/words_database.ts";

/** What a PRAGMA says. */
function pragma(database: Sqlite, name: string): unknown {
  return Object.values(database.get<Record<string, unknown>>(`PRAGMA ${name}`)!)[0];
}

Deno.test("what a transaction has written is on disk when it ends: WAL, synchronous=FULL, for a new file and an old one", () => {
  withFolderSync((folder) => {
    for (const what of ["new", "old"]) {
      const database = new Sqlite(`${folder}/a.db`);
      assertEquals(pragma(database, "synchronous"), 2, `${what}: 2 is FULL`);
      assertEquals(pragma(database, "journal_mode"), "wal", what);
      assertEquals(pragma(database, "page_size"), 8_192, what);
      assertEquals(pragma(database, "busy_timeout"), 2_000, what);
      database.script("CREATE TABLE IF NOT EXISTS a (b)");
      database.close();
    }
  });
});

Deno.test("the file and what lies beside it are for their owner only", () => {
  withWords((database, folder) => {
    addWord(database, "one");
    const modes = Object.keys(filesIn(folder)).map((name) => [name, Deno.statSync(`${folder}/${name}`).mode! & 0o777]);
    assertEquals(modes, [["words.db", 0o600], ["words.db-shm", 0o600], ["words.db-wal", 0o600]]);
  });
});

Deno.test("a transaction answers what its work answers, and is kept", () => {
  withWords((database, folder) => {
    assertEquals(
      database.transaction(() => {
        addWord(database, "one");
        addWord(database, "two");
        return "done";
      }),
      "done",
    );
    const other = new Sqlite(`${folder}/words.db`);
    assertEquals(wordsIn(other), ["one", "two"]);
    other.close();
  });
});

Deno.test("a transaction that throws has changed nothing, and the error is the one that was thrown", () => {
  withWords((database) => {
    addWord(database, "before");
    const thrown = new Error("on purpose");
    const caught = assertThrows(() =>
      database.transaction(() => {
        addWord(database, "one");
        database.script("CREATE TABLE others (number INTEGER)");
        database.run("DELETE FROM words WHERE word = 'before'");
        throw thrown;
      })
    );
    assert(caught === thrown);
    assertEquals(wordsIn(database), ["before"]);
    assertEquals(database.get("SELECT 1 FROM sqlite_schema WHERE name = 'others'"), undefined);
    database.transaction(() => addWord(database, "after"));
    assertEquals(wordsIn(database), ["before", "after"]);
  });
});

Deno.test("a statement that fails inside takes the whole transaction with it", () => {
  withWords((database) => {
    assertTrouble("other", () =>
      database.transaction(() => {
        addWord(database, "one");
        addWord(database, "one");
      }));
    assertEquals(wordsIn(database), []);
  });
});

Deno.test("a transaction that fails only at its end has changed nothing either", () => {
  withWords((database) => {
    database.script(
      "PRAGMA foreign_keys = ON; " +
        "CREATE TABLE uses (number INTEGER REFERENCES words (number) DEFERRABLE INITIALLY DEFERRED)",
    );
    assertTrouble("other", () =>
      database.transaction(() => {
        addWord(database, "one");
        database.run("INSERT INTO uses VALUES (99)");
      }));
    assertEquals([wordsIn(database), database.all("SELECT * FROM uses")], [[], []]);
    database.transaction(() => addWord(database, "after"));
    assertEquals(wordsIn(database), ["after"]);
  });
});

Deno.test("a transaction inside another is refused, and undoes both; the next one works", () => {
  withWords((database) => {
    assertTrouble("other", () =>
      database.transaction(() => {
        addWord(database, "outer");
        database.transaction(() => addWord(database, "inner"));
      }));
    assertEquals(wordsIn(database), []);
    database.transaction(() => addWord(database, "after"));
    assertEquals(wordsIn(database), ["after"]);
  });
});

Deno.test("run answers how many rows it changed, get the first row or undefined, all the rows in order", () => {
  withWords((database) => {
    for (const word of ["one", "two", "three"]) addWord(database, word);
    assertEquals(database.run("UPDATE words SET word = word || '!' WHERE number > ?", 1), 2);
    assertEquals(database.run("UPDATE words SET word = 'x' WHERE number > ?", 100), 0);
    assertEquals(database.get<{ word: string }>("SELECT word FROM words ORDER BY number")?.word, "one");
    assertEquals(database.get("SELECT word FROM words WHERE number = ?", 100), undefined);
    assertEquals(wordsIn(database), ["one", "two!", "three!"]);
    assertEquals(database.all("SELECT word FROM words WHERE number = ?", 100), []);
  });
});

Deno.test("a query of which only the first row is asked for holds nothing open", () => {
  withWords((database, folder) => {
    for (const word of ["one", "two", "three"]) addWord(database, word);
    assert(database.get("SELECT * FROM words"));
    const other = new Sqlite(`${folder}/words.db`);
    assertEquals({ ...other.get<object>("PRAGMA wal_checkpoint(TRUNCATE)") }, { busy: 0, log: 0, checkpointed: 0 });
    other.close();
  });
});

Deno.test("opened to look: what is written meanwhile is seen, nothing can be written, and the writer's files stay", () => {
  withWords((database, folder) => {
    addWord(database, "one");
    const before = filesIn(folder);
    const reader = new Sqlite(`${folder}/words.db`, { isReadOnly: true });
    assertEquals(wordsIn(reader), ["one"]);
    for (const work of ["DELETE FROM words", "CREATE TABLE a (b)", "PRAGMA user_version = 7"]) {
      assertTrouble("read_only", () => reader.script(work));
      assertTrouble("read_only", () => reader.run(work));
      assertTrouble("read_only", () => reader.transaction(() => reader.run(work)));
    }
    reader.close();
    assertEquals(filesIn(folder), before);
    addWord(database, "two");
    const again = new Sqlite(`${folder}/words.db`, { isReadOnly: true });
    assertEquals(wordsIn(again), ["one", "two"]);
    again.close();
  });
});

Deno.test("a look at a stopped writer's file leaves it byte for byte, and nothing beside it", () => {
  withWords((database, folder) => {
    addWord(database, "one");
    database.close();
    const files = filesIn(folder);
    assertEquals(Object.keys(files), ["words.db"]);
    const bytes = Deno.readFileSync(`${folder}/words.db`);
    for (const look of [wordsIn, () => {}]) {
      const reader = new Sqlite(`${folder}/words.db`, { isReadOnly: true });
      look(reader);
      reader.close();
      assertEquals(filesIn(folder), files);
      assertEquals(Deno.readFileSync(`${folder}/words.db`), bytes);
    }
  });
});

Deno.test("of two who look at a stopped writer's file, the one that closes first takes nothing from the other", () => {
  withWords((database, folder) => {
    addWord(database, "one");
    database.close();
    const [first, second] = [1, 2].map(() => new Sqlite(`${folder}/words.db`, { isReadOnly: true })) as [
      Sqlite,
      Sqlite,
    ];
    assertEquals([wordsIn(first), wordsIn(second)], [["one"], ["one"]]);
    first.close();
    const writer = new Sqlite(`${folder}/words.db`);
    addWord(writer, "two");
    assertEquals(wordsIn(second), ["one", "two"]);
    second.close();
    addWord(writer, "three");
    assertEquals(wordsIn(writer), ["one", "two", "three"]);
    writer.close();
    assertEquals(Object.keys(filesIn(folder)), ["words.db"]);
  });
});

Deno.test("a file that was moved away during a look is not made again", () => {
  withWords((database, folder) => {
    database.close();
    const reader = new Sqlite(`${folder}/words.db`, { isReadOnly: true });
    assertEquals(wordsIn(reader), []);
    Deno.removeSync(`${folder}/words.db`);
    reader.close();
    assertEquals(Object.keys(filesIn(folder)).includes("words.db"), false);
  });
});

Deno.test("a look at what a crash has left sees all of it, and leaves file and log byte for byte", () => {
  withWords((database, folder) => {
    addWord(database, "one");
    const left = `${folder}/left`;
    Deno.mkdirSync(left);
    for (const ending of ["", "-wal"]) Deno.copyFileSync(`${folder}/words.db${ending}`, `${left}/words.db${ending}`);
    const bytesLeft = () => ["", "-wal"].map((ending) => Deno.readFileSync(`${left}/words.db${ending}`));
    const before = bytesLeft();
    const reader = new Sqlite(`${left}/words.db`, { isReadOnly: true });
    assertEquals(wordsIn(reader), ["one"]);
    reader.close();
    assertEquals(bytesLeft(), before);
    const writer = new Sqlite(`${left}/words.db`);
    assertEquals(wordsIn(writer), ["one"]);
    writer.close();
  });
});

Deno.test("a folder's name may hold any character, for a look as well", () => {
  withFolderSync((folder) => {
    const strange = `${folder}/a b#c?mode=ro%41é`;
    Deno.mkdirSync(strange);
    const database = new Sqlite(`${strange}/a.db`);
    database.script("CREATE TABLE a (b)");
    database.close();
    const reader = new Sqlite(`${strange}/a.db`, { isReadOnly: true });
    assertEquals(reader.all("SELECT * FROM a"), []);
    reader.close();
    assertEquals(Object.keys(filesIn(strange)), ["a.db"]);
    assertEquals(Object.keys(filesIn(folder)).length, 1);
  });
});

Deno.test("closed quietly: what SQLite says of that is kept quiet, what anybody else says is not", () => {
  withWords((database, folder) => {
    addWord(database, "one");
    // No file is known that today's runtime complains about when it is closed: its interface allows it to.
    const closing = DatabaseSync.prototype.close;
    const says = (error: Error) => {
      DatabaseSync.prototype.close = () => {
        throw error;
      };
    };
    try {
      says(Object.assign(new Error("disk I/O error"), { code: "ERR_SQLITE_ERROR", errcode: 10 }));
      assertTrouble("disk", () => database.close());
      database.closeQuietly();
      const bug = new TypeError("a bug");
      says(bug);
      assertEquals(assertThrows(() => database.closeQuietly()), bug);
    } finally {
      DatabaseSync.prototype.close = closing;
    }
    database.closeQuietly();
    assertThrows(() => wordsIn(database), Error, "database is not open");
    database.closeQuietly();
    const again = new Sqlite(`${folder}/words.db`);
    assertEquals(wordsIn(again), ["one"]);
    again.close();
  });
});

Deno.test("closing may be done twice; what was open is there for the next", () => {
  withWords((database, folder) => {
    addWord(database, "one");
    database.close();
    database.close();
    const again = new Sqlite(`${folder}/words.db`);
    assertEquals(wordsIn(again), ["one"]);
    again.close();
  });
});
