/** The SQLite sink's database after its process was killed at any moment. */

import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { sqliteHolds } from "../../src/deliver/sqlite_ids.ts";
import { withChance } from "../support/seeded.ts";
import { TestFolder } from "../support/test_folder.ts";
import { rowsOf } from "../support/tweets_database.ts";

const WRITER = fileURLToPath(new URL("../support/sqlite_writer.ts", import.meta.url));

/** Lets a writer go on from an id, kills it after so many batches; the last id that it acknowledged. */
async function writeAndKill(path: string, from: number, batches: number): Promise<number> {
  const writer = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-lock",
      "--config",
      fileURLToPath(new URL("../../deno.json", import.meta.url)),
      WRITER,
      path,
      String(from),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let said = "";
  let isKilled = false;
  for await (const text of writer.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (isKilled || said.split("\n").length <= batches) continue;
    writer.kill("SIGKILL");
    isKilled = true;
  }
  await writer.status;
  return Number(said.slice(0, said.lastIndexOf("\n")).split("\n").at(-1));
}

Deno.test("whatever was acknowledged is there after a kill, whole batches only, and writing goes on", async () => {
  using folder = new TestFolder();
  await withChance(async (chance) => {
    const path = `${folder.path}/tweets.db`;
    let last = 0;
    for (let round = 0; round < 4; round++) {
      last = await writeAndKill(path, last + 1, 1 + Math.floor(chance() * 150));
      assert(last > 0, "the writer acknowledged nothing");
      const acknowledged = Array.from({ length: last }, (_, at) => String(at + 1));
      const held = await sqliteHolds(path, acknowledged);
      assertEquals(acknowledged.filter((id) => !held.has(id)), []);
      const [row] = rowsOf(
        path,
        "SELECT count(*) % 7 AS torn, (SELECT integrity_check FROM pragma_integrity_check) AS check_said FROM tweets",
      );
      assertEquals(row, { torn: 0n, check_said: "ok" });
    }
  });
});
