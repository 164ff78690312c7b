/** Which files the SQLite sink takes for its own, and what it makes of them. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { SettingsError, TransientError } from "../../../src/base/errors.ts";
import { SqliteError } from "../../../src/base/sqlite.ts";
import { asSinkFailure } from "../../../src/deliver/sqlite_failure.ts";
import { SqliteSink } from "../../../src/deliver/sqlite_sink.ts";
import { recordsOf } from "../../support/records.ts";
import { withFolder } from "../../support/test_folder.ts";
import { idsOf } from "../../support/tweets_database.ts";

/** Opens a sink and closes it, whether or not that worked. */
async function openOnce(path: string): Promise<void> {
  const sink = new SqliteSink(path);
  try {
    await sink.open();
  } finally {
    await sink.close();
  }
}

/** Makes a database by statements. */
function database(path: string, sql: string): void {
  const made = new DatabaseSync(path);
  made.exec(sql);
  made.close();
}

Deno.test("the files, and the folders made for them, are for their owner only", async () => {
  await withFolder(async (folder) => {
    const sink = new SqliteSink(`${folder}/a/b/tweets.db`);
    await sink.open();
    await sink.write(recordsOf(1, 1));
    const modeOf = async (path: string) => (await Deno.stat(path)).mode! & 0o777;
    for (const name of ["a", "a/b"]) assertEquals(await modeOf(`${folder}/${name}`), 0o700, name);
    for (const end of ["", "-wal", "-shm"]) assertEquals(await modeOf(`${folder}/a/b/tweets.db${end}`), 0o600, end);
    await sink.close();
  });
});

Deno.test("what was written is there when it is opened again, and goes on", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/tweets.db`;
    for (const records of [recordsOf(1, 2), recordsOf(2, 3)]) {
      const sink = new SqliteSink(path);
      await sink.open();
      await sink.write(records);
      await sink.close();
    }
    assertEquals(idsOf(path, "SELECT id FROM tweets"), ["1", "2", "3"]);
  });
});

Deno.test("a database of something else is refused, and no byte of it is changed", async () => {
  await withFolder(async (folder) => {
    const others: Record<string, string> = {
      table: "CREATE TABLE tweets (id INTEGER PRIMARY KEY)",
      application: "PRAGMA application_id = 7",
      version: "PRAGMA user_version = 1",
    };
    for (const [name, sql] of Object.entries(others)) {
      const path = `${folder}/${name}.db`;
      database(path, sql);
      const before = await Deno.readFile(path);
      const failure = await assertRejects(() => openOnce(path), SettingsError);
      assertEquals(failure.message, `Cannot use ${path}: it is a database of something else`);
      assertStringIncludes(failure.hint, "--sink sqlite:PATH");
      assertEquals(await Deno.readFile(path), before, name);
    }
  });
});

Deno.test("a database of a later version is refused", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/tweets.db`;
    await openOnce(path);
    database(path, "PRAGMA user_version = 2");
    const failure = await assertRejects(() => openOnce(path), SettingsError);
    assertEquals(failure.message, `Cannot use ${path}: it was made by a later version of traptor`);
  });
});

Deno.test("what is no database is refused with what to do, and stays as it is", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/notes.txt`;
    const text = "these are my notes, ".repeat(400);
    await Deno.writeTextFile(path, text);
    const failure = await assertRejects(() => openOnce(path), SettingsError);
    assertEquals(failure.message, `Cannot use ${path}: it is damaged, or no database at all`);
    assertStringIncludes(failure.hint, "Move it away");
    assertEquals(await Deno.readTextFile(path), text);
  });
});

Deno.test("a database that is found damaged while it is written to ends delivery, with what to do", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/tweets.db`;
    const first = new SqliteSink(path);
    await first.open();
    for (let from = 1; from < 2_000; from += 200) await first.write(recordsOf(from, from + 199));
    await first.close();
    const bytes = await Deno.readFile(path);
    // All pages but the first, which says what they are.
    bytes.fill(0x55, 4_096);
    await Deno.writeFile(path, bytes);
    const second = new SqliteSink(path);
    const failure = await assertRejects(async () => {
      await second.open();
      await second.write(recordsOf(5_000, 5_100));
    }, SettingsError);
    assertEquals(failure.message, `Cannot use ${path}: it is damaged, or no database at all`);
    await second.close();
    assertEquals((await Deno.readFile(path)).length, bytes.length);
  });
});

Deno.test("an empty file and an empty database become ours; a folder, and what lies in a file, do not", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/empty.db`, new Uint8Array(0));
    database(`${folder}/untouched.db`, "PRAGMA journal_mode = WAL; VACUUM");
    for (const name of ["empty.db", "untouched.db"]) {
      await openOnce(`${folder}/${name}`);
      assertEquals(idsOf(`${folder}/${name}`, "SELECT id FROM tweets"), [], name);
    }
    const inFolder = await assertRejects(() => openOnce(folder), SettingsError);
    assertEquals(inFolder.message, `Cannot use ${folder}: it is a folder`);
    const inFile = await assertRejects(() => openOnce(`${folder}/empty.db/tweets.db`), SettingsError);
    assertStringIncludes(inFile.message, "is no directory");
  });
});

Deno.test("a name that SQLite takes for a database in memory is that of a file", async () => {
  await withFolder(async (folder) => {
    const before = Deno.cwd();
    Deno.chdir(folder);
    try {
      const sink = new SqliteSink(":memory:");
      await sink.open();
      await sink.write(recordsOf(1, 1));
      await sink.close();
    } finally {
      Deno.chdir(before);
    }
    assertEquals(idsOf(`${folder}/:memory:`, "SELECT id FROM tweets"), ["1"]);
  });
});

Deno.test("a file that is locked when it is opened is tried again", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/tweets.db`;
    const sink = new SqliteSink(path);
    const other = new DatabaseSync(path);
    other.exec("BEGIN EXCLUSIVE");
    await assertRejects(() => sink.open(), TransientError, `another process keeps ${path} locked`);
    other.close();
    await sink.open();
    await sink.write(recordsOf(1, 1));
    await sink.close();
    assertEquals(idsOf(path, "SELECT id FROM tweets"), ["1"]);
  });
});

Deno.test("a database that somebody is writing to can be opened", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/tweets.db`;
    await openOnce(path);
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    await openOnce(path);
    other.close();
  });
});

Deno.test("each trouble of a file has its words, and a bug of ours stays what it is", () => {
  const failureFor = (trouble: SqliteError["trouble"]) =>
    asSinkFailure(new SqliteError(trouble, "disk I/O error", undefined), "/a/tweets.db");
  const words = (trouble: SqliteError["trouble"]) => {
    const failure = failureFor(trouble);
    return failure instanceof TransientError ? failure.message : failure;
  };
  assertEquals(words("full"), "the disk of /a/tweets.db is full");
  assertEquals(
    words("read_only"),
    "/a/tweets.db may only be read: permission is denied, or the file system is read-only",
  );
  assertEquals(words("busy"), "another process keeps /a/tweets.db locked");
  assertEquals(words("disk"), "/a/tweets.db: disk I/O error");
  assertEquals(failureFor("damaged") instanceof SettingsError, true);
  const bug = new SqliteError("other", "no such column: a", undefined);
  assertEquals(asSinkFailure(bug, "/a"), bug);
});
