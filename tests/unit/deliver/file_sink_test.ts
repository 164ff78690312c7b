import { assertEquals, assertRejects } from "@std/assert";
import { TryLaterError } from "../../../src/base/errors.ts";
import { FileSink } from "../../../src/deliver/file_sink.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { recordsOf } from "../../support/records.ts";
import { namesIn as allNamesIn, textOf } from "../../support/line_files.ts";
import { withFolder } from "../../support/test_folder.ts";
import { waitUntil } from "../../support/wait_until.ts";

/** The names of the files of tweets in a folder. */
async function namesIn(folder: string): Promise<string> {
  return (await allNamesIn(folder)).filter((name) => name !== ".lock").join();
}

const FIRST = "tweets-2026-11-23T10Z.jsonl";
const SECOND = "tweets-2026-11-23T11Z.jsonl";

Deno.test("an hour has a file, which is gzipped when it is over, and nobody else may read it", async () => {
  await withFolder(async (folder) => {
    const clock = new FakeClock();
    const sink = new FileSink(`${folder}/tweets`, clock);
    await sink.open();
    await sink.write(recordsOf(1, 2));
    const plain = await Deno.readTextFile(`${folder}/tweets/${FIRST}`);
    assertEquals(plain.split("\n").length, 3);
    if (Deno.build.os !== "windows") {
      assertEquals((await Deno.stat(`${folder}/tweets/${FIRST}`)).mode! & 0o777, 0o600);
      assertEquals((await Deno.stat(`${folder}/tweets`)).mode! & 0o777, 0o700);
    }
    await clock.advance(3_600_000);
    await sink.write(recordsOf(3, 1));
    await waitUntil(async () => await namesIn(`${folder}/tweets`) === `${FIRST}.gz,${SECOND}`, {
      what: "the hour is gzipped",
    });
    assertEquals(await textOf(`${folder}/tweets/${FIRST}.gz`), plain);
    await sink.close();
  });
});

Deno.test("what a crash left of an earlier hour is gzipped at the next start, without its torn line", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/tweets-2026-11-23T08Z.jsonl`, '{"data":1}\n{"data":2}\n{"da');
    await Deno.writeTextFile(`${folder}/${FIRST}`, '{"data":3}\n{"da');
    await Deno.writeTextFile(`${folder}/tweets-2026-11-23T07Z.jsonl.gz.unfinished`, "torn");
    const sink = new FileSink(folder, new FakeClock());
    await sink.open();
    const expected = `tweets-2026-11-23T08Z.jsonl.gz,${FIRST}`;
    await waitUntil(async () => await namesIn(folder) === expected, {
      what: "it is gzipped",
    });
    assertEquals(await textOf(`${folder}/tweets-2026-11-23T08Z.jsonl.gz`), '{"data":1}\n{"data":2}\n');
    assertEquals(await Deno.readTextFile(`${folder}/${FIRST}`), '{"data":3}\n');
    await sink.close();
  });
});

Deno.test("one process at a time writes to a directory", async () => {
  await withFolder(async (folder) => {
    const [one, other] = [new FileSink(folder, new FakeClock()), new FileSink(folder, new FakeClock())];
    await one.open();
    await assertRejects(() => other.open(), TryLaterError, "another process");
    await one.close();
    await other.open();
    await other.close();
  });
});

Deno.test("tweets are acknowledged when the disk has them, and not before", async () => {
  await withFolder(async (folder) => {
    const sink = new FileSink(folder, new FakeClock());
    await sink.open();
    const gate = Promise.withResolvers<void>();
    const syncData = Deno.FsFile.prototype.syncData;
    let asked = 0;
    Deno.FsFile.prototype.syncData = async function (this: Deno.FsFile) {
      asked += 1;
      await gate.promise;
      await syncData.call(this);
    };
    try {
      let isAcknowledged = false;
      const written = sink.write(recordsOf(1, 2)).then(() => isAcknowledged = true);
      await waitUntil(async () => (await Deno.readTextFile(`${folder}/${FIRST}`)).split("\n").length === 3, {
        what: "the lines are in the file",
      });
      await waitUntil(() => asked === 1, { what: "the disk is asked to take them" });
      assertEquals(isAcknowledged, false);
      gate.resolve();
      await written;
    } finally {
      Deno.FsFile.prototype.syncData = syncData;
    }
    await sink.close();
  });
});
