import { assert, assertEquals, assertRejects } from "@std/assert";
import { csvEntries } from "../../../src/extract/csv_entries.ts";
import { ExtractError } from "../../../src/extract/extract_error.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { withChance } from "../../support/seeded.ts";
import { all, cuts, inShort, pieces } from "./pieces.ts";

function read(text: string, ...ends: readonly number[]): Promise<string[]> {
  return inShort(csvEntries(pieces(text, ...ends), "f"));
}

async function refusal(text: string): Promise<ExtractError> {
  return await assertRejects(() => read(text), ExtractError, "Cannot read the rules in f: ");
}

async function says(text: string): Promise<string> {
  return (await refusal(text)).message.slice("Cannot read the rules in f: ".length);
}

Deno.test("a header names the columns, in any case and order; columns that are not ours travel along", async () => {
  assertEquals(await read(" Tag ,ID,VALUE,Type,project\nt,17, deno ,keyword,x\n,,nasa,username,\n"), [
    'f, line 2: {"rule_id":"17","tag":"t","value":"deno","project":"x"} track',
    'f, line 3: {"value":"nasa"} follow',
  ]);
});

Deno.test("fields in quotes hold anything, and rules that go over lines keep the place where they end", async () => {
  const text = 'value,tag\r\n"deno, ""kafka""","a\nb"\r\n"x;y","\t"\r\nlast,"é\u{1f600}"';
  assertEquals(await read(text), [
    'f, line 3: {"value":"deno, \\"kafka\\"","tag":"a\\nb"}',
    'f, line 4: {"value":"x;y","tag":"\\t"}',
    'f, line 5: {"value":"last","tag":"é\u{1f600}"}',
  ]);
});

Deno.test("semicolons and tabs stand between fields where the header has them", async () => {
  assertEquals(await read("value;tag\na,b;t\n"), ['f, line 2: {"value":"a,b","tag":"t"}']);
  assertEquals(await read("value\ttag\na,b;c\tt\n"), ['f, line 2: {"value":"a,b;c","tag":"t"}']);
  assertEquals(await read("value\na b\n"), ['f, line 2: {"value":"a b"}']);
});

Deno.test("empty lines are passed over, empty fields say nothing, missing and odd ones cost no rule", async () => {
  const text = "\nvalue,tag,type\n\na\n,t\nb,,\nc,t,odd\nd,t,geo,more,fields\n\n";
  assertEquals(await read(text), [
    'f, line 4: {"value":"a"}',
    "f, line 5 refused: it has no value",
    'f, line 6: {"value":"b"}',
    'f, line 7 refused: its type "odd" is none of track (keyword), follow (username), geo, query',
    'f, line 8: {"value":"d","tag":"t"} geo',
  ]);
});

Deno.test("a table without values is refused with its first line, a web page as one", async () => {
  assertEquals(await says("tag,name\na,b\n"), "no column is named value (its first line is tag,name)");
  assertEquals(await says("deno\nkafka\n"), "no column is named value (its first line is deno)");
  assert((await says("<html><body>")).startsWith("it is a web page"));
  for (const empty of ["", "\n\n", "value,tag\n"]) assertEquals(await read(empty), []);
});

Deno.test("a quote that is never closed ends the reading with its line, also in the header", async () => {
  const error = await refusal('value,tag\na,t\n"b,t\nc,t\nd,t\n');
  assertEquals(error.message, "Cannot read the rules in f: a quote is never closed, in the row that begins at line 3");
  assertEquals(error.exitCode, 78);
  assert(error.hint.includes("double quotes"));
  assertEquals(await says('"value,tag\na,t\n'), "a quote is never closed, in the row that begins at line 1");
});

Deno.test("quotes where none may stand are told with their line", async () => {
  const stray = "a quote stands within a field that does not begin with one";
  assertEquals(await says('value,tag\na,t\nb "x" y,t\n'), `${stray}, at line 3`);
  const behind = "something stands between a field's closing quote and the next field";
  assertEquals(await says('value,tag\na,t\n"b" x,t\n'), `${behind}, at line 3`);
});

Deno.test("a quote that is never closed is refused before the rest of the file fills the memory", async () => {
  async function* endless() {
    yield 'value\na\n"b';
    while (true) yield await Promise.resolve("x\n".repeat(512 * 1024));
  }
  const error = await assertRejects(() => inShort(csvEntries(endless(), "f")), ExtractError);
  assertEquals(error.message, "Cannot read the rules in f: a row is longer than 16 MB, it begins at line 3");
});

Deno.test("what goes wrong in the source is thrown as it is", async () => {
  async function* broken() {
    yield `value\n${"a\n".repeat(50_000)}`;
    await Promise.resolve();
    throw new ExtractError("Cannot read the rules in f: line 7 is not UTF-8", { hint: "x" });
  }
  await assertRejects(() => all(csvEntries(broken(), "f")), ExtractError, "line 7 is not UTF-8");
});

Deno.test("a table that is read no further leaves its source closed", async () => {
  let isClosed = false;
  async function* source() {
    try {
      yield "value\n";
      while (true) yield await Promise.resolve("a\n".repeat(50_000));
    } finally {
      isClosed = true;
    }
  }
  for await (const entry of csvEntries(source(), "f")) {
    assertEquals(entry.kind, "rule");
    break;
  }
  await waitUntil(() => isClosed, { what: "the source is closed" });
});

Deno.test("a column cannot reach an object's prototype", async () => {
  const [entry] = await all(csvEntries(pieces("value,__proto__,constructor\na,b,c\n"), "f"));
  assert(entry?.kind === "rule");
  assertEquals(entry.fields["tag"], undefined);
  assertEquals(Object.getPrototypeOf(entry.fields), Object.prototype);
});

Deno.test("whatever the pieces, the rules are the same", async () => {
  const text = 'value;tag\r\n"a;\r\n""b""";é\n\u{1f600};"t"\n\nc;\r\n';
  const whole = await read(text);
  assertEquals(whole.length, 3);
  for (let end = 0; end <= text.length; end++) assertEquals(await read(text, end), whole, `cut at ${end}`);
  await withChance(async (chance) => {
    for (let round = 0; round < 200; round++) {
      const ends = cuts(text, chance);
      assertEquals(await read(text, ...ends), whole, String(ends));
    }
  });
});
