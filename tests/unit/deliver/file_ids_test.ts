import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type FileIds, idsInFiles } from "../../../src/deliver/file_ids.ts";
import { FileSink } from "../../../src/deliver/file_sink.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { namesIn } from "../../support/line_files.ts";
import { recordOf, recordsOf } from "../../support/records.ts";
import { withFolder } from "../../support/test_folder.ts";

async function collected(ids: FileIds): Promise<string[]> {
  return await Array.fromAsync(ids);
}

function line(id: string, text?: string): string {
  return `${new TextDecoder().decode(recordOf(id, text).value)}\n`;
}

async function gzipped(path: string, text: string): Promise<void> {
  const content = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(path, content);
}

Deno.test("the ids of plain and gzipped files are read, from what the file sink itself writes", async () => {
  await withFolder(async (folder) => {
    const clock = new FakeClock();
    const sink = new FileSink(folder, clock);
    await sink.open();
    await sink.write(recordsOf(1, 3));
    await clock.advance(3_600_000);
    await sink.write([recordOf("1790000000000000001"), recordOf(4, 'a\u2028b \\" \n c')]);
    const whileOpen = await collected(idsInFiles(folder));
    await sink.close();
    assertEquals(whileOpen.sort(), ["1", "1790000000000000001", "2", "3", "4"]);
    const second = new FileSink(folder, clock);
    await second.open();
    await clock.advance(3_600_000);
    await second.write(recordsOf(5, 5));
    await second.close();
    assertEquals((await collected(idsInFiles(folder))).sort(), ["1", "1790000000000000001", "2", "3", "4", "5"]);
    assert((await namesIn(folder)).some((name) => name.endsWith(".jsonl.gz")), "nothing was gzipped");
  });
});

Deno.test("a torn last line is counted, and not taken for a record", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/tweets-2026-11-23T10Z.jsonl`, line("1") + line("2") + line("3").slice(0, -1));
    await Deno.writeTextFile(`${folder}/tweets-2026-11-23T11Z.jsonl`, line("4") + '{"data":{"id":"5');
    const ids = idsInFiles(folder);
    assertEquals(await collected(ids), ["1", "2", "4"]);
    assertEquals([ids.torn, ids.odd, ids.unreadable], [2, 0, []]);
  });
});

Deno.test("whole lines that hold no record are counted; ids elsewhere in a line do not count", async () => {
  await withFolder(async (folder) => {
    const odd = [
      "",
      "{}",
      '{"id":"7"}',
      '{"data":{"text":"\\"id\\":\\"8\\""}}',
      "no JSON",
      '{"data":{"id":["9"]}}',
      "[1]",
    ];
    const text = odd.map((text) => `${text}\n`).join("") + line("1") + '{"data":{"id":1790000000000000001}}\n';
    await Deno.writeTextFile(`${folder}/tweets-2026-11-23T10Z.jsonl`, text);
    const ids = idsInFiles(folder);
    assertEquals(await collected(ids), ["1", "1790000000000000001"]);
    assertEquals([ids.torn, ids.odd], [0, odd.length]);
  });
});

Deno.test("lines longer than a read, and files of several reads, are read whole", async () => {
  await withFolder(async (folder) => {
    const text = Array.from({ length: 300 }, (_, at) => line(String(at), "地".repeat(at === 150 ? 300_000 : 400))).join(
      "",
    );
    await Deno.writeTextFile(`${folder}/tweets-2026-11-23T10Z.jsonl`, text);
    await gzipped(`${folder}/tweets-2026-11-23T11Z.jsonl.gz`, text);
    const ids = idsInFiles(folder);
    const each = Array.from({ length: 300 }, (_, at) => String(at));
    assertEquals(await collected(ids), [...each, ...each]);
    assertEquals([ids.torn, ids.odd], [0, 0]);
  });
});

Deno.test("where a gzipped file lies beside its plain one, it is read once; other files are not read", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/tweets-2026-11-23T10Z.jsonl`, line("1"));
    await gzipped(`${folder}/tweets-2026-11-23T10Z.jsonl.gz`, line("1"));
    await gzipped(`${folder}/tweets-2026-11-23T10Z-2.jsonl.gz`, line("2"));
    for (const name of ["tweets-2026-11-23T10Z.jsonl.gz.unfinished", "notes.jsonl", ".lock", "tweets.jsonl"]) {
      await Deno.writeTextFile(`${folder}/${name}`, line("9"));
    }
    assertEquals((await collected(idsInFiles(folder))).sort(), ["1", "2"]);
  });
});

Deno.test("files of hours that were over before a moment are left out", async () => {
  await withFolder(async (folder) => {
    await gzipped(`${folder}/tweets-2026-11-23T10Z.jsonl.gz`, line("1"));
    await Deno.writeTextFile(`${folder}/tweets-2026-11-23T11Z-2.jsonl`, line("2"));
    await Deno.writeTextFile(`${folder}/tweets-2026-11-24T00Z.jsonl`, line("3"));
    const since = (text: string) => collected(idsInFiles(folder, Date.parse(text)));
    assertEquals(await since("2026-11-23T10:59:59Z"), ["1", "2", "3"]);
    assertEquals(await since("2026-11-23T11:00:00Z"), ["2", "3"]);
    assertEquals(await since("2026-11-23T12:00:00Z"), ["3"]);
  });
});

Deno.test("a file that is gzipped between the look at the folder and its turn is read all the same", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/tweets-2026-11-23T10Z.jsonl`, line("1"));
    await Deno.writeTextFile(`${folder}/tweets-2026-11-23T11Z.jsonl`, line("2"));
    const ids = idsInFiles(folder)[Symbol.asyncIterator]();
    assertEquals((await ids.next()).value, "1");
    await gzipped(`${folder}/tweets-2026-11-23T11Z.jsonl.gz`, line("2"));
    await Deno.remove(`${folder}/tweets-2026-11-23T11Z.jsonl`);
    assertEquals((await ids.next()).value, "2");
    assertEquals((await ids.next()).done, true);
  });
});

Deno.test("a gzipped file that is cut off or damaged is named, and the others are read", async () => {
  await withFolder(async (folder) => {
    const names = [
      "tweets-2026-11-23T10Z.jsonl.gz",
      "tweets-2026-11-23T11Z.jsonl.gz",
      "tweets-2026-11-23T12Z.jsonl.gz",
    ];
    for (const [at, name] of names.entries()) await gzipped(`${folder}/${name}`, line(String(at)).repeat(500));
    const whole = await Deno.readFile(`${folder}/${names[0]}`);
    await Deno.writeFile(`${folder}/${names[0]}`, whole.subarray(0, whole.length - 12));
    await Deno.writeTextFile(`${folder}/${names[1]}`, "this is no gzip");
    const ids = idsInFiles(folder);
    const found = await collected(ids);
    assertEquals(found.filter((id) => id === "2").length, 500);
    assertEquals(ids.unreadable.length, 2);
    for (const at of [0, 1]) assertStringIncludes(ids.unreadable[at]!, names[at]!);
  });
});

Deno.test("a folder that is not there is told by the system's own error", async () => {
  await assertRejects(() => collected(idsInFiles("/nowhere/at/all")), Deno.errors.NotFound);
});
