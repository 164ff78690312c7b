import { assert, assertEquals, assertThrows } from "@std/assert";
import { ExtractError } from "../../../src/extract/extract_error.ts";
import { gnipRules } from "../../../src/extract/gnip_rules.ts";
import { withChance } from "../../support/seeded.ts";
import { gnipSample, SAMPLES } from "./gnip_samples.ts";
import { mangled } from "./mangled.ts";

/** `FILE place: value [tag] #id`, or `FILE place refused: reason`. */
function inShort(text: string, name = "f"): string[] {
  return [...gnipRules(text, name)].map((rule) => {
    if (rule.kind === "refused") return `${rule.where} refused: ${rule.reason}`;
    const tag = rule.tag === null ? "" : ` [${rule.tag}]`;
    return `${rule.where}: ${rule.value}${tag}${rule.id === null ? "" : ` #${rule.id}`}`;
  });
}

function broken(text: string): ExtractError {
  return assertThrows(() => gnipRules(text, "f"), ExtractError);
}

function says(text: string): string {
  return broken(text).message.replace("Cannot read the rules in f: ", "");
}

Deno.test("a file of rules: values, tags, ids, in their order", async () => {
  assertEquals(inShort(await gnipSample("accounts.json"), "accounts.json"), [
    "accounts.json, rule 1: from:2244994945 OR from:783214 [platform]",
    "accounts.json, rule 2: (from:12345678 OR from:87654321) -is:retweet [press]",
    "accounts.json, rule 3: from:2244994945 has:links [platform-links] #1128017341835464704",
    "accounts.json, rule 4: from:nasa [space]",
    'accounts.json, rule 5: "climate change" lang:en [climate]',
  ]);
  assertEquals(inShort(await gnipSample("powertrack.json")).length, 12);
});

Deno.test("an answer of the API: what was not created is refused in GNIP's words", async () => {
  assertEquals(inShort(await gnipSample("rules-response.json")), [
    "f, rule 1: from:17874544 has:mentions [support] #1190000000000000001",
    "f, rule 2: snow profile_region:colorado #1190000000000000002",
    "f, rule 3 refused: GNIP did not take it: unbalanced parenthesis (at position 6)",
  ]);
  assertEquals(
    inShort('{"detail":[{"rule":{"value":"a"},"valid":false},{"rule":{"value":"b"},"valid":true},{"created":false}]}'),
    ["f, rule 1 refused: GNIP did not take it", "f, rule 2: b", "f, rule 3 refused: GNIP did not take it"],
  );
});

Deno.test("a plain list: a value a line, comments and empty lines aside", async () => {
  assertEquals(inShort(await gnipSample("plain-list.txt")), [
    "f, line 1: from:2244994945",
    "f, line 2: from:783214",
    "f, line 5: from:12345678 OR from:2244994945",
  ]);
  assertEquals(inShort('\ufeff#deno\r\n#\r\n "a b" \rx {}\n{"value":"c","id":7}\n'), [
    "f, line 1: #deno",
    'f, line 3: "a b"',
    "f, line 4: x {}",
    "f, line 5: c #7",
  ]);
  for (const empty of ["", " \n\t\r\n", "# nothing\n", "[]", '{"rules":[]}']) assertEquals(inShort(empty), []);
});

Deno.test("arrays of rules, of values, and of whole files", () => {
  assertEquals(inShort('[{"value":"a","tag":"t","id":"1"},"b"]'), ["f, rule 1: a [t] #1", "f, rule 2: b"]);
  const files = '[{"rules":[{"value":"a"},{"value":"b"}]},{"detail":[{"rule":{"value":"c"},"created":true}]},[["d"]]]';
  assertEquals(inShort(files), ["f, rule 1: a", "f, rule 2: b", "f, rule 3: c", "f, rule 4: d"]);
  assertEquals(inShort('[[[["a"]]],"b"]'), ["f, rule 1 refused: it is neither a value nor a rule", "f, rule 2: b"]);
  assertEquals(inShort('{\n"value": "a",\n"tag": ""\n}'), ["f, rule 1: a"]);
});

Deno.test("JSON lines: a rule a line, or a whole file a line", () => {
  const text = '{"value":"a","id":"1"}\n\n# c\n"b"\n{"rules":[{"value":"c"},"d"]}\n["e"]\r\n{"detail":[]}\n';
  assertEquals(inShort(text), [
    "f, line 1: a #1",
    "f, line 4: b",
    "f, line 5, rule 1: c",
    "f, line 5, rule 2: d",
    "f, line 6, rule 1: e",
  ]);
});

Deno.test("JSON lines: a broken line costs no other, the first and the last neither", () => {
  assertEquals(inShort('{"value":"a"}\nfrom:b\n{"value" "c"}\n7\n{"x":1}\n{"rules":"no"}\n{"value":"d'), [
    "f, line 1: a",
    "f, line 2 refused: it is no JSON at column 1",
    "f, line 3 refused: it is no JSON at column 10",
    "f, line 4 refused: it is neither a value nor a rule",
    "f, line 5 refused: it has no value",
    "f, line 6 refused: it has no value",
    "f, line 7 refused: it ends in the middle",
  ]);
  assertEquals(inShort('{"value":"a"\n{"value":"b"}'), ["f, line 1 refused: it ends in the middle", "f, line 2: b"]);
});

Deno.test("an odd rule costs no other", () => {
  const odd =
    '[7,null,{},{"value":null},{"value":" "},{"value":["a"]},{"value":"a","tag":{}},{"value":"a","id":true},"b"]';
  assertEquals(inShort(odd), [
    "f, rule 1 refused: it is neither a value nor a rule",
    "f, rule 2 refused: it is neither a value nor a rule",
    "f, rule 3 refused: it has no value",
    "f, rule 4 refused: it has no value",
    "f, rule 5 refused: its value is empty",
    "f, rule 6 refused: its value is no text",
    "f, rule 7 refused: its tag is no text",
    "f, rule 8 refused: its id is no text",
    "f, rule 9: b",
  ]);
});

Deno.test("ids beyond what a number holds are kept digit for digit, or refused by name", () => {
  const ids = ["9007199254740993", "1128017341835464704", "18446744073709551615", "-9007199254740993"];
  for (const id of ids) {
    assertEquals(inShort(`{"rules":[{"value":"a","id":${id},"tag":${id}}]}`), [`f, rule 1: a [${id}] #${id}`]);
    assertEquals(inShort(`[{"value":${id}}]`), [`f, rule 1: ${id}`]);
  }
  for (const id of ["1.128017341835464704e18", "9007199254740993.0", "1.5", "1e400"]) {
    assertEquals(inShort(`[{"value":"a","id":${id}}]`), [
      "f, rule 1 refused: its id is a number that cannot be kept exactly, in quotes it can",
    ]);
  }
  assertEquals(inShort('[{"value":12345678,"id":"0012"}]'), ["f, rule 1: 12345678 #0012"]);
});

Deno.test("JSON that is broken is told with its place, and that it ends in the middle when it does", () => {
  assertEquals(says('{"rules":[\n {"value":"a"},\n {"value" "b"}]}'), 'it is no JSON at line 3, column 11 ("b"}]})');
  assertEquals(says('{"rules":[\n {"value":"a"},\n'), "it is no JSON at line 3, column 1: it ends in the middle");
  assertEquals(
    says('{"rules":[{"value":"a"}\n,\n{"value":"b"}\n'),
    "it is no JSON at line 4, column 1: it ends in the middle",
  );
  assertEquals(says('["from:na'), "it is no JSON at line 1, column 2: it ends in the middle");
  assertEquals(says('{"rules":[]}{"rules":[]}'), 'it is no JSON at line 1, column 13 ({"rules":[]})');
  assertEquals(broken("[").hint, "Fetch or copy the file again: its end is missing");
});

Deno.test("JSON that is no list of rules is refused, GNIP's error answers with their message", () => {
  for (
    const text of ["{}", '{"rules":"a"}', '{"rules":{"value":"a"}}', '{"data":[{"value":"a"}]}', '{"rule_ids":[1]}']
  ) {
    assertEquals(says(text), "it holds no list of rules");
  }
  const answer = '{"error":{"message":"Could not authenticate","sent":"2019-05-13T17:41:12.000Z"}}';
  assertEquals(says(answer), "it is GNIP's answer to a request that failed (Could not authenticate)");
});

Deno.test("a web page is called one", () => {
  for (
    const page of ["<!DOCTYPE html>\n<html>", "\r\n <html lang=en>", "\ufeff<?xml version='1.0'?>", "<p>Log in</p>"]
  ) {
    assertEquals(says(page), "it looks like a web page");
  }
});

Deno.test("a value may be 100,000 characters long, a longer one is refused by name", () => {
  const values = [100_000, 100_001].map((length) => "x".repeat(length));
  const [long, longer] = gnipRules(JSON.stringify(values), "f");
  assertEquals(long?.kind, "gnip");
  assertEquals(
    inShort(JSON.stringify(values))[1],
    "f, rule 2 refused: " +
      "its value is 100001 characters long, at most 100000 are possible",
  );
  assertEquals(longer?.value, values[1]);
});

Deno.test("cut off at any byte a sample is refused, or its lines are read as far as they go", async () => {
  for (const name of SAMPLES) {
    const text = await gnipSample(name);
    const shapes = name.endsWith(".txt")
      ? [text]
      : [text, JSON.stringify(JSON.parse(text)), JSON.stringify(JSON.parse(text), null, 2)];
    for (const whole of shapes) {
      const expected = inShort(whole);
      const bytes = new TextEncoder().encode(whole.trimEnd());
      for (let end = 1; end < bytes.length; end++) {
        const cut = new TextDecoder().decode(bytes.subarray(0, end));
        if (!name.endsWith(".txt")) {
          assert(says(cut).endsWith("it ends in the middle"), cut);
          continue;
        }
        const read = inShort(cut);
        const last = read.pop();
        assertEquals(read, expected.slice(0, read.length));
        assert(last === undefined || expected[read.length]?.startsWith(last), cut);
      }
    }
  }
});

Deno.test("JSON lines cut off at any byte lose only what is cut off", async () => {
  const rules = JSON.parse(await gnipSample("accounts.json")).rules as unknown[];
  const whole = rules.map((rule) => JSON.stringify(rule)).join("\n");
  const expected = inShort(whole);
  for (let end = 1; end < whole.length; end++) {
    const cut = whole.slice(0, end);
    if (end < whole.indexOf("\n")) {
      assert(says(cut).endsWith("it ends in the middle"));
      continue;
    }
    // A single line of JSON is a file of one rule.
    const read = inShort(cut).map((rule) => rule.replace("f, rule 1", "f, line 1"));
    const kept = read.at(-1)!.endsWith("refused: it ends in the middle") ? read.slice(0, -1) : read;
    assertEquals(kept, expected.slice(0, kept.length), cut);
    assertEquals(kept.length >= cut.split("\n").length - 1, true, cut);
  }
});

Deno.test("whatever stands in a file, it is read or refused in the one way", async () => {
  const samples = await Promise.all(SAMPLES.map(gnipSample));
  samples.push(JSON.stringify(JSON.parse(samples[0]!)));
  samples.push((JSON.parse(samples[1]!).rules as unknown[]).map((rule) => JSON.stringify(rule)).join("\n"));
  await withChance((chance) => {
    for (let round = 0; round < 3_000; round++) {
      const text = mangled(samples[Math.floor(chance() * samples.length)]!, chance);
      try {
        for (const rule of gnipRules(text, "f")) {
          assert(rule.where.startsWith("f, "));
          assert(rule.kind === "refused" ? rule.reason !== "" : rule.value.trim() !== "");
        }
      } catch (error) {
        if (!(error instanceof ExtractError)) throw new Error(JSON.stringify(text), { cause: error });
        assert(error.message.startsWith("Cannot read the rules in f: ") && error.hint !== "");
      }
    }
  });
});

Deno.test("20 MB are read, whole and cut off", () => {
  const rule = JSON.stringify({ value: `from:${"1".repeat(15)} "${"ab ".repeat(300)}"`, id: 1, tag: "t" });
  const list = `{"rules":[${Array(20_000).fill(rule).join(",\n")}]}`;
  assert(list.length > 19_000_000);
  assertEquals([...gnipRules(list, "f")].length, 20_000);
  assertEquals(broken(list.slice(0, -1)).message.endsWith("it ends in the middle"), true);
  assertEquals([...gnipRules(Array(20_000).fill(rule).join("\n"), "f")].length, 20_000);
  assertEquals(broken(`["${"x".repeat(20_000_000)}`).message.endsWith("it ends in the middle"), true);
});

Deno.test("JSON that is nested deep is a refusal, not a crash", () => {
  for (const depth of [10, 1_000, 3_000, 5_000, 8_000, 200_000]) {
    const nested = "[".repeat(depth) + "]".repeat(depth);
    for (const id of ["1", "9007199254740993"]) {
      try {
        assertEquals(inShort(`[{"value":"a","id":${id}},{"x":${nested}}]`), [
          `f, rule 1: a #${id}`,
          "f, rule 2 refused: it has no value",
        ]);
      } catch (error) {
        // The engine may give up, which is told as what it is.
        assert(error instanceof ExtractError, String(error));
        assert(error.message.endsWith("(Maximum call stack size exceeded)"), error.message);
      }
    }
  }
});
