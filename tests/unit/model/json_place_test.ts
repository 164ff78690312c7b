import { assertEquals } from "@std/assert";
import { jsonFaultPlace } from "../../../src/model/json_place.ts";

function place(text: string): string {
  const { line, column } = jsonFaultPlace(text);
  return `${line}:${column}`;
}

Deno.test("the place is that of the first thing that cannot be there", () => {
  assertEquals(place("[1,\n 2,\n x]"), "3:2");
  assertEquals(place('[{"a": 1},]'), "1:11");
  assertEquals(place('{"a": 1,}'), "1:9");
  assertEquals(place('{"a": 1\n"b": 2}'), "2:1");
  assertEquals(place('{"a" 1}'), "1:6");
  assertEquals(place("{a: 1}"), "1:2");
  assertEquals(place("[1}"), "1:3");
  assertEquals(place("[1]]"), "1:4");
  assertEquals(place("[01]"), "1:2");
  assertEquals(place("[tru]"), "1:2");
  assertEquals(place('["a\nb"]'), "1:2");
  assertEquals(place('["\\q"]'), "1:2");
  assertEquals(place("['a']"), "1:2");
});

Deno.test("where only the rest is missing, the place is the end", () => {
  for (const text of ["", "[", '["a",', '{"a":', '{"a": [1, {"b": null}']) {
    assertEquals(place(text), `1:${text.length + 1}`);
  }
});

Deno.test("what the engine places, is placed there as well", () => {
  for (const text of ["[1 2]", '{"a":1 "b"}', '[{"a":1},\n{"a" 1}]', '{"a":1}x', "{,}", "[null nul]"]) {
    let words = "";
    try {
      JSON.parse(text);
    } catch (error) {
      words = (error as Error).message;
    }
    const [, line, column] = /line (\d+) column (\d+)/.exec(words) ?? [];
    assertEquals(place(text), `${line}:${column}`, words);
  }
});

Deno.test("it is told whether the text is only cut off", () => {
  const whole = '{"rules": [{"value": "a\\u00e9 \\"b\\"", "id": -12.5e+3, "is": [true, false, null]}]}';
  for (let end = 0; end < whole.length; end++) {
    assertEquals(jsonFaultPlace(whole.slice(0, end)).isCutOff, true, whole.slice(0, end));
  }
  for (const broken of ["[1,]", '{"a" 1}', "[tru]", '["a\nb"', '["\\q', '["\\u12x', "[01", "[1]]", "nope", "[-a"]) {
    assertEquals(jsonFaultPlace(broken).isCutOff, false, broken);
  }
});

Deno.test("a long string that never ends is found at once", () => {
  for (const piece of ["x", '\\"', "\\u0041", "é\\n"]) {
    assertEquals(place(`["${piece.repeat(1_000_000)}`), "1:2");
  }
  assertEquals(place(`[${"1,\n".repeat(1_000_000)}`), "1000001:1");
});
