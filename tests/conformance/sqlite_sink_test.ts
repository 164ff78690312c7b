import { DatabaseSync } from "node:sqlite";
import { SqliteSink } from "../../src/deliver/sqlite_sink.ts";
import { rowsOf } from "../support/tweets_database.ts";
import { checkSink } from "./sink.ts";

Deno.test("the SQLite sink does what every sink does", async (t) => {
  await checkSink(t, async () => {
    const folder = await Deno.makeTempDir({ prefix: "traptor-test-" });
    const path = `${folder}/tweets.db`;
    let locker: DatabaseSync | undefined;
    return {
      sink: new SqliteSink(path),
      // By their ids, not in the order of their coming.
      keepsOrder: false,
      arrived: () =>
        Promise.resolve(
          rowsOf(path, "SELECT id, CAST(record AS BLOB) AS value FROM tweets").map(({ id, value }) => ({
            id: String(id),
            value: value as Uint8Array,
          })),
        ),
      trouble: {
        begin: () => {
          locker = new DatabaseSync(path);
          locker.exec("BEGIN IMMEDIATE");
          return Promise.resolve();
        },
        end: () => Promise.resolve(locker?.close()),
      },
      remove: () => Deno.remove(folder, { recursive: true }),
    };
  });
});
