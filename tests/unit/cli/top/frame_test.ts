import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { widthOf } from "../../../../src/cli/terminal.ts";
import { frame, ruleRoom } from "../../../../src/cli/top/frame.ts";
import { afterFailure, afterLook, BEGINNING, SORTS, type TopState } from "../../../../src/cli/top/model.ts";
import { ageShown, countShown, rateShown } from "../../../../src/cli/top/rule_table.ts";
import { withChance } from "../../../support/seeded.ts";
import { instanceJson, lookAt, ruleRow } from "../../../support/top_look.ts";

const RULES = [
  ruleRow("coffee", { rate: 12.34, total: 1_234 }),
  ruleRow("地震 地震 地震 地震 地震 地震", { rate: 3, lastAt: undefined }),
  ruleRow("evil\u001b[2Jnews\u202e", { rate: 0.5 }),
];

const STATE = afterLook(afterLook(BEGINNING, lookAt(RULES)), lookAt(RULES));

function lines(state: TopState, columns: number, rows: number): string[] {
  return frame(state, { columns, rows }).map(({ text }) => text);
}

Deno.test("80 columns have the fleet, all columns of the rules, and the keys", () => {
  const text = lines(STATE, 80, 24).join("\n");
  for (
    const part of ["alpha live", "1 standby", "12.3/s", "5 waiting", "1 gap open", "rate/s▼", "total", "slot", "q quit"]
  ) {
    assertStringIncludes(text, part);
  }
  assert(/ 12\.3 +█+ +20 +1,234 +12s track:0 +coffee/.test(text), text);
});

Deno.test("40 columns and 10 rows have the rate, the graph and the rule still", () => {
  const shown = lines(STATE, 40, 10);
  assertEquals(shown.length, 10);
  assert(shown.some((line) => / 12\.3 +██ +12s coffee/.test(line) || / 12\.3 +██ coffee/.test(line)), shown.join("\n"));
  assertStringIncludes(shown.at(-1)!, "q quit");
});

Deno.test("what comes from outside moves no cursor", () => {
  // deno-lint-ignore no-control-regex
  assertEquals(lines(STATE, 200, 24).filter((line) => /[\u0000-\u001f\u202e]/.test(line)), []);
  assertStringIncludes(lines(STATE, 200, 24).join("\n"), "evil\\u{1b}[2Jnews\\u{202e}");
});

Deno.test("a look that failed says why", () => {
  assertStringIncludes(lines(afterFailure(STATE, "Redis is away"), 80, 24).join("\n"), "! Redis is away");
});

Deno.test("a picture has as many lines as the terminal, and none is wider, at any size", () =>
  withChance((chance) => {
    const upTo = (most: number) => Math.floor(chance() * most);
    const letters = ["a", "地", "😀", "e\u0301", "\u001b", " ", "\n"];
    const text = () => Array.from({ length: upTo(60) }, () => letters[upTo(letters.length)]).join("");
    for (let round = 0; round < 1_000; round += 1) {
      const rules = Array.from({ length: upTo(40) }, () =>
        ruleRow(text(), { rate: chance() * 10 ** upTo(9), total: upTo(2 ** 50), slot: text() }));
      const look = lookAt(rules, [instanceJson({ host: text(), state: text() })]);
      const size = { columns: 1 + upTo(140), rows: 1 + upTo(60) };
      const state: TopState = {
        ...afterLook(BEGINNING, look),
        sort: SORTS[upTo(4)]!,
        offset: upTo(50),
        filter: upTo(3) === 0 ? text() : "",
        isTyping: upTo(2) === 0,
        failure: upTo(3) === 0 ? text() : "",
      };
      const picture = frame(state, size);
      assertEquals(picture.length, size.rows);
      assert(ruleRoom(state, size) < size.rows);
      for (const { text } of picture) {
        assert(widthOf(text) <= size.columns, `${JSON.stringify(size)}: ${text}`);
      }
    }
  }));

Deno.test("figures fit their columns", () => {
  assertEquals([0, 0.001, 0.05, 12.34, 99.96, 1_234].map(rateShown), ["0", "<0.01", "0.05", "12.3", "100", "1,234"]);
  assertEquals([99_999, 123_456, 12_345_678].map(countShown), ["99,999", "123k", "12M"]);
  assertEquals([12_000, 300_000, 10_800_000, 3_456_000_000].map(ageShown), ["12s", "5m", "3h", "40d"]);
});
