/** The SQLite sink on disks that are full or may only be read: small file systems in memory, where mounting is allowed. */

import { assertEquals, assertRejects } from "@std/assert";
import { TransientError } from "../../src/base/errors.ts";
import { SqliteSink } from "../../src/deliver/sqlite_sink.ts";
import { recordOf } from "../support/records.ts";
import { rowsOf } from "../support/tweets_database.ts";

function run(program: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

const MAY_MOUNT = (() => {
  const folder = Deno.makeTempDirSync({ prefix: "traptor-test-" });
  const may = run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder) && run("umount", folder);
  Deno.removeSync(folder);
  return may;
})();

/** Registers a test with a small file system of its own, which it may fill. */
function diskTest(name: string, test: (folder: string) => Promise<void>): void {
  Deno.test({
    name: MAY_MOUNT ? name : `${name} (ignored: a file system cannot be mounted here)`,
    ignore: !MAY_MOUNT,
    async fn() {
      const folder = await Deno.makeTempDir({ prefix: "traptor-test-" });
      run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
      try {
        await test(folder);
      } finally {
        run("umount", folder);
        await Deno.remove(folder);
      }
    },
  });
}

function records(from: number, to: number) {
  return Array.from({ length: to - from + 1 }, (_, at) => recordOf(from + at, "x".repeat(500)));
}

diskTest("a full disk fails the batch as a whole, and once there is room it is written", async (folder) => {
  const path = `${folder}/tweets.db`;
  await Deno.writeFile(`${folder}/ballast`, new Uint8Array(300_000));
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
  await Deno.remove(`${folder}/ballast`);
  await sink.write(records(Number(last) + 1, Number(last) + 50));
  assertEquals(rowsOf(path, "SELECT count(*) AS number FROM tweets"), [{ number: last + 50n }]);
  await sink.close();
});

diskTest("a file system that may only be read is told as such, and is tried again", async (folder) => {
  const path = `${folder}/tweets.db`;
  const sink = new SqliteSink(path);
  await sink.open();
  await sink.write(records(1, 1));
  await sink.close();
  run("mount", "-o", "remount,ro", folder);
  await assertRejects(() => sink.open(), TransientError, "the file system is read-only");
  run("mount", "-o", "remount,rw", folder);
  await sink.open();
  await sink.write(records(2, 2));
  await sink.close();
  assertEquals(rowsOf(path, "SELECT id FROM tweets ORDER BY id"), [{ id: 1n }, { id: 2n }]);
});
