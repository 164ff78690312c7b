import { assertEquals, assertRejects } from "@std/assert";
import type { Entry, Refusal } from "../../../src/extract/entry.ts";
import { type ExtractionCounts, gatherRules } from "../../../src/extract/extraction.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { DEFAULT_TRANSLATION } from "../../../src/model/query.ts";
import type { RuleTable } from "../../../src/model/rule_table.ts";
import type { RuleType } from "../../../src/model/slot.ts";
import { TIERS } from "../../../src/model/tier.ts";

interface Gathered {
  readonly table: RuleTable;
  readonly counts: ExtractionCounts;
  readonly refusals: Refusal[];
  readonly progress: number[];
}

async function gathered(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  { type = "track", tag, signal = new AbortController().signal }: {
    type?: RuleType;
    tag?: string;
    signal?: AbortSignal;
  } = {},
): Promise<Gathered> {
  const refusals: Refusal[] = [];
  const progress: number[] = [];
  const { table, counts } = await gatherRules(entries, {
    type,
    tag,
    translation: DEFAULT_TRANSLATION,
    tier: TIERS["pay-per-use"],
    onRefusal: (refusal) => refusals.push(refusal),
    onProgress: ({ read }) => progress.push(read),
  }, signal);
  return { table, counts, refusals, progress };
}

function rules(...all: (JsonObject | string)[]): Entry[] {
  return all.map((fields, at) => ({
    kind: "rule",
    where: `rule ${at + 1}`,
    fields: typeof fields === "string" ? { value: fields } : fields,
  }));
}

function texts({ tables }: RuleTable): string[] {
  return tables.flatMap((table) => Array.from({ length: table.size }, (_, at) => `${table.type} ${table.textAt(at)}`));
}

async function reasons(type: RuleType, ...all: (JsonObject | string)[]): Promise<string[]> {
  return (await gathered(rules(...all), { type })).refusals.map(({ reason }) => reason);
}

Deno.test("every entry is counted: kept, merged, refused, or kept though X will not take it", async () => {
  const entries: Entry[] = [
    ...rules({ value: "deno", tag: "a" }, { value: " DENO ", tag: "b" }, "the", "", "kafka redis", "redis kafka"),
    { kind: "refused", where: "line 7", value: "x", reason: "no reason" },
    { kind: "rule", where: "line 8", fields: { value: "deno OR" }, type: "query" },
    { kind: "rule", where: "line 9", fields: { value: "nasa" }, type: "follow", slotId: 4 },
  ];
  const { table, counts, refusals } = await gathered(entries);
  assertEquals(counts, { read: 9, merged: 2, refused: 2, faulty: 2 });
  assertEquals(table.size, 5);
  assertEquals(counts.read, table.size + counts.merged + counts.refused);
  assertEquals(texts(table), [
    'track {"value":"deno","tag":"a,b"}',
    'track {"value":"the"}',
    'track {"value":"kafka redis"}',
    'follow {"value":"nasa"}',
    'query {"value":"deno OR"}',
  ]);
  assertEquals(table.tables[1]!.slotIdAt(0), 4);
  assertEquals(refusals, [
    { kind: "refused", where: "rule 4", value: "", reason: "its value is empty" },
    { kind: "refused", where: "line 7", value: "x", reason: "no reason" },
  ]);
});

Deno.test("one tag for all takes the place of every rule's own, also of rules that are merged", async () => {
  const { table } = await gathered(rules({ value: "a", tag: "x" }, "b", { value: "A", tag: "y" }), { tag: "press" });
  assertEquals(texts(table), ['track {"value":"a","tag":"press"}', 'track {"value":"b","tag":"press"}']);
});

Deno.test("thousands of tags of one rule are all kept", async () => {
  const tags = Array.from({ length: 3_000 }, (_, at) => `t${at}`);
  const { table, counts } = await gathered(rules(...tags.map((tag) => ({ value: "deno", tag }))));
  assertEquals(counts.merged, 2_999);
  assertEquals(table.tables[0]!.fieldsAt(0)["tag"], tags.join(","));
});

Deno.test("values with control characters are refused by the character; tabs and line ends are white space", async () => {
  const characters = [..."\0\u0007\b\u000b\u000c\u001b\u007f\u0080\u0085\u009f"];
  assertEquals(
    await reasons("track", ...characters.map((character) => `deno${character}kafka`)),
    ["0", "7", "8", "b", "c", "1b", "7f", "80", "85", "9f"]
      .map((code) => `its value holds the control character \\u{${code}}`),
  );
  assertEquals(await reasons("track", "deno\tkafka", "deno\r\nkafka"), []);
});

Deno.test("what was not UTF-8 is refused, in a value and in a tag; what merely looks odd is kept", async () => {
  assertEquals(await reasons("track", "caf\ufffd", "a\ud83d", { value: "a", tag: "caf\ufffd" }, "café \u{1f600}"), [
    "its value is not UTF-8",
    "its value is not UTF-8",
    "its tag is not UTF-8",
  ]);
});

Deno.test("a value of 100,000 characters is kept, a longer one is refused by its length", async () => {
  const { table, counts, refusals } = await gathered(rules("x".repeat(100_000), "x".repeat(100_001)));
  assertEquals([table.size, counts.faulty], [1, 1]);
  assertEquals(table.tables[0]!.fieldsAt(0)["value"], "x".repeat(100_000));
  assertEquals(refusals.map(({ reason, value }) => [reason, value.length]), [
    ["its value is 100001 characters long, at most 100000 are possible", 201],
  ]);
});

Deno.test("what cannot mean anything in its type is refused, and shown as it stands there", async () => {
  const { refusals } = await gathered(
    rules("not an account", { value: ["a"] }, { value: { a: 1 } }, { tag: "t" }, { value: true }),
    { type: "follow" },
  );
  assertEquals(refusals.map(({ value, reason }) => [value, reason]), [
    ["not an account", "its value is no account: a numeric id, or a name of at most 15 letters, digits and _"],
    ['["a"]', "it has no value"],
    ['{"a":1}', "it has no value"],
    ["", "it has no value"],
    ["true", "it has no value"],
  ]);
  assertEquals(await reasons("geo", "1,2,3", "-1,2,3,4,5"), [
    "its value is no area: four numbers, west,south,east,north",
    "its value is no area: four numbers, west,south,east,north",
  ]);
});

Deno.test("progress is told on the way and at the end", async () => {
  const { progress } = await gathered(rules(...Array.from({ length: 2_500 }, (_, at) => `word${at}`)));
  assertEquals(progress, [1_000, 2_000, 2_500]);
  assertEquals((await gathered([])).progress, [0]);
});

Deno.test("what the source throws is thrown, and nothing is left of what came before", async () => {
  async function* broken() {
    yield* rules("a", "b");
    await Promise.resolve();
    throw new Error("the source broke");
  }
  await assertRejects(() => gathered(broken()), Error, "the source broke");
});

Deno.test("a person who gives up is heard while entries come, and while the source says nothing", async () => {
  const stopped = new Error("stopped");
  const during = new AbortController();
  function* endless(): Generator<Entry> {
    for (let at = 0;; at++) {
      if (at === 1_500) during.abort(stopped);
      yield { kind: "rule", where: "", fields: { value: `word${at}` } };
    }
  }
  assertEquals(await assertRejects(() => gathered(endless(), { signal: during.signal })), stopped);

  const silent = new AbortController();
  const silence: AsyncIterable<Entry> = {
    [Symbol.asyncIterator]: () => ({
      next() {
        silent.abort(stopped);
        return new Promise(() => {});
      },
    }),
  };
  assertEquals(await assertRejects(() => gathered(silence, { signal: silent.signal })), stopped);
  assertEquals(await assertRejects(() => gathered([], { signal: AbortSignal.abort(stopped) })), stopped);
});
