/** The journal's tables: how an empty file gets them, how an older one becomes today's, and that they stay what they are. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { SettingsError } from "../../../src/base/errors.ts";
import { Sqlite, SqliteError } from "../../../src/base/sqlite.ts";
import { migrate, SCHEMA_VERSION, schemaVersion, STEPS } from "../../../src/journal/schema.ts";
import { JournalFile } from "../../support/journal_file.ts";
import { withFolderSync } from "../../support/test_folder.ts";
import { assertTrouble } from "../../support/words_database.ts";

/** What the tables are after each step: the SHA-256 of their statements, without comments and line breaks. */
const PINNED: readonly string[] = [
  "3d72ce0d34ecb313aaf1ce60de4df83597fc04a6935af55647e5a25459fe2b42",
];

/** Three small steps: a table, a column and what is in it, another table. */
const SMALL_STEPS = [
  "CREATE TABLE words (word TEXT); -- the last line may be a comment",
  "ALTER TABLE words ADD COLUMN length INTEGER; UPDATE words SET length = length(word)",
  "CREATE TABLE others (word TEXT); INSERT INTO others SELECT word FROM words",
];

/** A new file in a folder of its own. */
function withFile(body: (database: Sqlite, folder: string) => void): void {
  withFolderSync((folder) => {
    const database = new Sqlite(`${folder}/journal.db`);
    try {
      body(database, folder);
    } finally {
      database.close();
    }
  });
}

/** Does so many scripts more, and then nothing ever again: a rollback neither. */
class CrashingSqlite extends Sqlite {
  left = Infinity;

  override script(sql: string): void {
    if (this.left-- <= 0) throw new Error("crash");
    super.script(sql);
  }
}

/** What would be there after a crash at this moment. */
function afterCrash(folder: string, look: (database: Sqlite) => void): void {
  withFolderSync((left) => {
    for (const ending of ["", "-wal"]) {
      Deno.copyFileSync(`${folder}/journal.db${ending}`, `${left}/journal.db${ending}`);
    }
    const database = new Sqlite(`${left}/journal.db`);
    try {
      look(database);
    } finally {
      database.close();
    }
  });
}

/** All statements that a file's tables come from, and what marks the file as a journal. */
function schemaOf(database: Sqlite): string {
  const rows = database.all<{ sql: string }>("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name");
  const id = database.get<{ application_id: number }>("PRAGMA application_id")!.application_id;
  const plain = (sql: string) => sql.replace(/--.*$/gm, "").replace(/\s+/g, " ").replace(/\s*([(),])\s*/g, "$1");
  return [`application_id ${id}`, ...rows.map(({ sql }) => plain(sql))].join("\n");
}

async function hashOf(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return bytes.toHex();
}

function tablesIn(database: Sqlite): string[] {
  const rows = database.all<{ name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  );
  return rows.map(({ name }) => name);
}

Deno.test("an empty file gets today's tables and today's version; once more changes nothing", () => {
  withFile((database) => {
    assertEquals(schemaVersion(database), 0);
    migrate(database);
    assertEquals([schemaVersion(database), SCHEMA_VERSION], [STEPS.length, STEPS.length]);
    assertEquals(tablesIn(database), [
      ...[
        "commands",
        "connects",
        "counters",
        "dead",
        "gap_searches",
        "gaps",
        "notes",
        "receipts",
        "records",
        "repair_days",
        "rule_sets",
        "rules",
        "seen",
        "sinks",
        "state",
      ],
    ]);
    const before = schemaOf(database);
    migrate(database);
    assertEquals([schemaOf(database), schemaVersion(database)], [before, STEPS.length]);
  });
});

Deno.test("what a released version has written stays what it is: its tables are pinned", async () => {
  assertEquals(PINNED.length, STEPS.length, "each step is pinned: add the hash of the new one");
  for (const [index, pinned] of PINNED.entries()) {
    let schema = "";
    withFile((database) => {
      migrate(database, STEPS.slice(0, index + 1));
      schema = schemaOf(database);
    });
    assertEquals(
      await hashOf(schema),
      pinned,
      `The tables of version ${index + 1} are not what they were. Journals of this version are on people's disks: a ` +
        `changed schema needs a new step, never an edit of an old one. Only a version that was never released may be ` +
        `edited, and pinned anew. They are now:\n${schema}\n`,
    );
  }
});

Deno.test("a file of a newer version is refused with 78, and is left as it was", () => {
  withFile((database) => {
    migrate(database, SMALL_STEPS);
    const error = assertThrows(() => migrate(database, SMALL_STEPS.slice(0, 2)), SettingsError);
    assertEquals(error.exitCode, 78);
    assertEquals(
      error.message,
      `Cannot use the journal ${database.path}: a newer traptor has written it (version 3, this one knows 2)`,
    );
    assertStringIncludes(error.hint, "--state-dir");
    assertEquals([schemaVersion(database), tablesIn(database)], [3, ["others", "words"]]);
  });
});

Deno.test("an older file becomes today's step by step, and what is in it is kept", () => {
  withFile((database) => {
    migrate(database, SMALL_STEPS.slice(0, 1));
    database.run("INSERT INTO words VALUES (?)", "tweet");
    migrate(database, SMALL_STEPS);
    assertEquals(schemaVersion(database), 3);
    assertEquals(database.all("SELECT * FROM words").map((row) => ({ ...row as object })), [
      { word: "tweet", length: 5 },
    ]);
    assertEquals(database.all("SELECT * FROM others").map((row) => ({ ...row as object })), [{ word: "tweet" }]);
  });
});

Deno.test("each step is a transaction of its own: one that fails changes nothing, those before it stay, and a later start goes on there", () => {
  withFile((database) => {
    const [first, second, third] = SMALL_STEPS as [string, string, string];
    const broken = `${second}; CREATE TABLE half (word TEXT); INSERT INTO nowhere VALUES (1)`;
    assertTrouble("other", () => migrate(database, [first, broken, third]));
    assertEquals([schemaVersion(database), tablesIn(database)], [1, ["words"]]);
    assertEquals(database.all("SELECT name FROM pragma_table_info('words')").length, 1, "not its first part either");
    migrate(database, [first, second, third]);
    assertEquals([schemaVersion(database), tablesIn(database)], [3, ["others", "words"]]);
  });
});

Deno.test("a step is there with its version or not at all, wherever a crash comes, and the next start goes on", () => {
  const tables = [["words"], ["words"], ["others", "words"]];
  // BEGIN, the statements, the version and COMMIT, of each of two steps; and no crash at all.
  for (const [crashAt, done] of [1, 1, 1, 1, 2, 2, 2, 2, 3].entries()) {
    withFolderSync((folder) => {
      const database = new CrashingSqlite(`${folder}/journal.db`);
      migrate(database, SMALL_STEPS.slice(0, 1));
      database.run("INSERT INTO words VALUES (?)", "tweet");
      database.left = crashAt;
      if (done < 3) assertThrows(() => migrate(database, SMALL_STEPS), Error, "crash");
      else migrate(database, SMALL_STEPS);
      afterCrash(folder, (left) => {
        assertEquals([schemaVersion(left), tablesIn(left)], [done, tables[done - 1]], `a crash at ${crashAt}`);
        migrate(left, SMALL_STEPS);
        assertEquals([schemaVersion(left), tablesIn(left)], [3, ["others", "words"]]);
        assertEquals(left.get<{ length: number }>("SELECT length FROM words")?.length, 5);
      });
      database.close();
    });
  }
});

Deno.test("tables without a version, or with one that cannot be, are damage and not something newer or older", () => {
  withFile((database) => {
    migrate(database);
    for (const version of [0, -1, -2_147_483_648]) {
      database.script(`PRAGMA user_version = ${version}`);
      const error = assertThrows(() => migrate(database), SqliteError);
      assertEquals([error.trouble, error.message], ["damaged", `it has tables, and its version is ${version}`]);
    }
  });
});

Deno.test("a journal whose version was wiped out needs no person: all of it is delivered", () => {
  using file = new JournalFile();
  file.accept(1, 3);
  file.end();
  file.tamper("PRAGMA user_version = 0");
  file.open(["file"]);
  assertEquals(file.deliver("file"), ["1", "2", "3"]);
});
