import { assert, assertEquals, assertRejects } from "@std/assert";
import { ExtractError } from "../../../src/extract/extract_error.ts";
import { openInput, wholeText } from "../../../src/extract/input.ts";
import { jsonEntries } from "../../../src/extract/json_entries.ts";
import { withFolder } from "../../support/test_folder.ts";
import { all } from "./pieces.ts";

async function withFile<T>(content: string | Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    return await use(path);
  } finally {
    await Deno.remove(path);
  }
}

/** Bytes, each letter one of them. */
function bytes(latin1: string): Uint8Array {
  return Uint8Array.from(latin1, (letter) => letter.charCodeAt(0));
}

/** What is said about a file's content, without its name. */
function says(content: Uint8Array): Promise<string> {
  return withFile(content, async (path) => {
    const input = await openInput(path);
    const error = await assertRejects(() => wholeText(input), ExtractError);
    assert(error.message.startsWith(`Cannot read the rules in ${path}: `), error.message);
    return error.message.slice(`Cannot read the rules in ${path}: `.length);
  });
}

Deno.test("a file is read in pieces, its bytes are counted, a byte order mark is left out", async () => {
  const text = `${"é\u{1f600}\n".repeat(100_000)}end`;
  await withFile(`\ufeff${text}`, async (path) => {
    const read: number[] = [];
    const input = await openInput(path, (count) => read.push(count));
    assertEquals([input.name, input.size], [path, 3 + 7 * 100_000 + 3]);
    const pieces = await all(input.pieces);
    assert(pieces.length > 1, "it came in one piece");
    assertEquals(pieces.join(""), text);
    assertEquals(read.at(-1), input.size);
  });
});

Deno.test("an empty file is an empty text", async () => {
  for (const content of ["", "\ufeff"]) {
    await withFile(content, async (path) => assertEquals(await wholeText(await openInput(path)), ""));
  }
});

Deno.test("what is not UTF-8 is told with its line, wherever in the file", async () => {
  assertEquals(await says(bytes("caf\xe9\n")), "line 1 is not UTF-8");
  assertEquals(await says(bytes("a\nb\ncaf\xe9")), "line 3 is not UTF-8");
  assertEquals(await says(bytes("a\nb\n\xff\xfe\nd\n\xff")), "line 3 is not UTF-8");
  // An encoded half of a surrogate pair, an overlong encoding, a character that is cut off by the end.
  assertEquals(await says(bytes("a\n\xed\xa0\x80\n")), "line 2 is not UTF-8");
  assertEquals(await says(bytes("a\n\xc0\xaf\n")), "line 2 is not UTF-8");
  assertEquals(await says(bytes("a\nb\xf0\x9f\x98")), "line 2 is not UTF-8");
  assertEquals(await says(bytes("\xff\xfea\0\n\0")), "line 1 is not UTF-8");
  const longLines = "é".repeat(30_000) + "\n";
  const before = new TextEncoder().encode(longLines.repeat(20));
  for (const [rest, line] of [["\xe9", 21], ["a\n\xe9\nb", 22], ["\n\n\n\xe9\n", 24]] as const) {
    const content = new Uint8Array([...before, ...bytes(rest)]);
    assertEquals(await says(content), `line ${line} is not UTF-8`);
  }
});

Deno.test("the line is right wherever the pieces of the file end", async () => {
  // Files are read by 64 KiB or less; what is wrong moves over the end of a piece.
  for (const [wrong, ahead] of [["\xe9\n", 0], ["\xf0\x9f\x98\n", 0], ["é\xff", 0], ["\n\xff", 1]] as const) {
    const tail = wrong.startsWith("é") ? new Uint8Array([0xc3, 0xa9, 0xff]) : bytes(wrong);
    for (let length = 65_530; length <= 65_540; length++) {
      const content = new Uint8Array([...bytes(`a\n${"x".repeat(length - 2)}`), ...tail]);
      assertEquals(await says(content), `line ${2 + ahead} is not UTF-8`, `${length} bytes before`);
    }
  }
});

Deno.test("what cannot be opened is told by its name", async () => {
  await withFolder(async (folder) => {
    const open = (path: string) => assertRejects(() => openInput(path), ExtractError);
    assertEquals((await open(folder)).message, `Cannot read the rules in ${folder}: it is a directory`);
    const missing = await open(`${folder}/rules.json`);
    assertEquals(missing.message, `Cannot read the rules in ${folder}/rules.json: there is no such file`);
    assertEquals([missing.exitCode, missing.hint], [78, "A path to a file, or - for stdin"]);
    await Deno.writeTextFile(`${folder}/file`, "a");
    const within = await open(`${folder}/file/rules.json`);
    assert(within.message.startsWith(`Cannot read the rules in ${folder}/file/rules.json: `), within.message);
  });
});

const isRoot = Deno.uid() === 0;

Deno.test({
  name: `a file that may not be read is told by its name${isRoot ? " (ignored: root may read all files)" : ""}`,
  ignore: isRoot,
  async fn() {
    await withFile("a", async (path) => {
      await Deno.chmod(path, 0);
      const error = await assertRejects(() => openInput(path), ExtractError);
      assertEquals(error.message, `Cannot read the rules in ${path}: it may not be read`);
    });
  },
});

Deno.test("a file is closed, read to its end, in part, or refused at its beginning", async () => {
  // A file that is left open fails the test.
  const text = `[${Array(50_000).fill('"a rule"').join(",")}]`;
  await withFile(text, async (path) => {
    for await (const entry of jsonEntries((await openInput(path)).pieces, "f")) {
      assertEquals(entry.kind, "rule");
      break;
    }
    assertEquals((await all(jsonEntries((await openInput(path)).pieces, "f"))).length, 50_000);
  });
  await withFile(`deno${text}`, async (path) => {
    await assertRejects(async () => await all(jsonEntries((await openInput(path)).pieces, "f")), ExtractError);
  });
});
