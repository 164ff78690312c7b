import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { SettingsError, UnavailableError } from "../../../src/base/errors.ts";
import { sqliteHolds, sqliteIdOf } from "../../../src/deliver/sqlite_ids.ts";
import { recordOf, recordsOf } from "../../support/records.ts";
import { withFolder } from "../../support/test_folder.ts";
import { withSink } from "../../support/tweets_database.ts";

Deno.test("those of the ids that are in the database are answered, while it is written to", async () => {
  await withSink(async (sink, path) => {
    for (let from = 1; from < 2_500; from += 200) await sink.write(recordsOf(from, from + 199));
    await sink.write([recordOf("1790000000000000001"), recordOf("9223372036854775807")]);
    const asked = Array.from({ length: 3_000 }, (_, at) => String(at));
    const held = await sqliteHolds(path, [
      ...asked,
      "1790000000000000000",
      "1790000000000000001",
      "9223372036854775807",
    ]);
    const wanted = [...asked.slice(1, 2_601), "1790000000000000001", "9223372036854775807"];
    assertEquals([...held].sort(), wanted.sort());
  });
});

Deno.test("one record in a thousand that is gone is missed", async () => {
  await withSink(async (sink, path) => {
    await sink.write(recordsOf(1, 200));
    await sink.close();
    const user = new DatabaseSync(path);
    user.exec("DELETE FROM tweets WHERE id = 77");
    user.close();
    const asked = Array.from({ length: 200 }, (_, at) => String(at + 1));
    const held = await sqliteHolds(path, asked);
    assertEquals(asked.filter((id) => !held.has(id)), ["77"]);
  });
});

Deno.test("what no tweet's id can be is not there, and asking for nothing is answered with nothing", async () => {
  await withSink(async (sink, path) => {
    await sink.write(recordsOf(7, 7));
    assertEquals([...await sqliteHolds(path, ["07", "abc", "7) OR (1", "", "7"])], ["7"]);
    assertEquals([...await sqliteHolds(path, [])], []);
  });
});

Deno.test("a database that is not there is not made, and one that is not the sink's is not read", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/tweets.db`;
    await assertRejects(() => sqliteHolds(path, ["1"]), UnavailableError, `Cannot read ${path}`);
    await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
    new DatabaseSync(path).exec("CREATE TABLE tweets (id INTEGER PRIMARY KEY)");
    await assertRejects(() => sqliteHolds(path, ["1"]), SettingsError, "a database of something else");
  });
});

Deno.test("an id is the number that is written so, within 64 bits", () => {
  assertEquals(sqliteIdOf("9223372036854775807"), 9223372036854775807n);
  for (const id of ["9223372036854775808", "99999999999999999999", "1.0", " 1", "-1", "01", "1n"]) {
    assertEquals(sqliteIdOf(id), undefined, id);
  }
});
