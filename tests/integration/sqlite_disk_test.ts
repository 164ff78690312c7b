/** The SQLite sink on disks that are full or may only be read: small file systems in memory, where mounting is allowed. */

import { assertEquals, assertRejects } from "@std/assert";
import { TransientError } from "../../src/base/errors.ts";
import { SqliteSink } from "../../src/deliver/sqlite_sink.ts";
import { recordOf } from "../support/records.ts";
import { smallDiskTest } from "../support/small_disk.ts";
import { rowsOf } from "../support/tweets_database.ts";

function records(from: number, to: number) {
  return Array.from({ length: to - from + 1 }, (_, at) => recordOf(from + at, "x".repeat(500)));
}

smallDiskTest("a full disk fails the batch as a whole, and once there is room it is written", async (disk) => {
  const path = `${disk.folder}/tweets.db`;
  disk.fill(700_000);
  const sink = new SqliteSink(path);
  await sink.open();
  await sink.write(records(1, 50));
  const failure = await assertRejects(async () => {
    for (let from = 51; from < 2_000; from += 50) await sink.write(records(from, from + 49));
  }, TransientError);
  assertEquals(failure.message, `the disk of ${path} is full`);
  const [{ number, last }] = rowsOf(path, "SELECT count(*) AS number, max(id) AS last FROM tweets") as [
    { number: bigint; last: bigint },
  ];
  assertEquals([number, Number(number) % 50], [last, 0]);
  disk.free();
  await sink.write(records(Number(last) + 1, Number(last) + 50));
  assertEquals(rowsOf(path, "SELECT count(*) AS number FROM tweets"), [{ number: last + 50n }]);
  await sink.close();
});

smallDiskTest("a file system that may only be read is told as such, and is tried again", async (disk) => {
  const path = `${disk.folder}/tweets.db`;
  const sink = new SqliteSink(path);
  await sink.open();
  await sink.write(records(1, 1));
  await sink.close();
  disk.remount("ro");
  await assertRejects(() => sink.open(), TransientError, "the file system is read-only");
  disk.remount("rw");
  await sink.open();
  await sink.write(records(2, 2));
  await sink.close();
  assertEquals(rowsOf(path, "SELECT id FROM tweets ORDER BY id"), [{ id: 1n }, { id: 2n }]);
});
