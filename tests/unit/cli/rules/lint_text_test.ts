/** Lint messages as people see them. */

import { assertEquals } from "@std/assert";
import { lintText } from "../../../../src/cli/rules/lint_text.ts";
import { readRule } from "../../../../src/model/rule.ts";
import type { LintMessage } from "../../../../src/rules/rule_lint.ts";

const SLOT = { type: "query", id: 0 } as const;

function message(value: string, start: number, end: number, more: Partial<LintMessage> = {}): LintMessage {
  const rule = readRule(value, SLOT);
  return { level: "fault", rule, text: value, span: { start, end }, says: "it is wrong", instead: "this", ...more };
}

Deno.test("the place is marked under the rule, with what to write instead", () => {
  assertEquals(
    lintText(message("apple or pear", 6, 8)),
    'fault: query:0 "apple or pear", column 7: it is wrong\n  apple or pear\n        ^^\n  write: this\n',
  );
});

Deno.test("an empty place is marked by one caret; wide and invisible characters do not move the carets", () => {
  assertEquals(lintText(message("a b", 3, 3)).split("\n")[2], "     ^");
  const wide = lintText(message("地震 or\u200e", 3, 5)).split("\n");
  assertEquals(wide.slice(1, 3), ["  地震 or\\u{200e}", "       ^^"]);
});

Deno.test("what the rule becomes for X is shown as such, and a message about the whole has no place", () => {
  const becomes = message("x", 0, 5, { text: "from:x", level: "caution", instead: "" });
  assertEquals(lintText(becomes), 'caution: query:0 "x", column 1: it is wrong\n  for X: from:x\n         ^^^^^\n');
  const { span: _, ...whole } = message("x", 0, 1);
  assertEquals(lintText(whole), 'fault: query:0 "x": it is wrong\n  write: this\n');
});

Deno.test("of a long rule the surroundings of the place are shown, and of a long place its beginning", () => {
  const value = `${"a".repeat(200)} or ${"b".repeat(200)}`;
  const [head, excerpt, carets] = lintText(message(value, 201, 203)).split("\n");
  assertEquals(head!.length < 130, true);
  assertEquals(excerpt, `  …${"a".repeat(59)} or ${"b".repeat(39)}…`);
  assertEquals(carets, `${" ".repeat(63)}^^`);
  const long = lintText(message("x".repeat(100_000), 1_024, 100_000)).split("\n");
  assertEquals(long[1], `  …${"x".repeat(160)}…`);
  assertEquals(long[2], `${" ".repeat(63)}${"^".repeat(60)}`);
});
