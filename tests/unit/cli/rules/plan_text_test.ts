/** A plan in the words of people and programs. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { planShown, planText } from "../../../../src/cli/rules/plan_text.ts";
import { readRule, type Rule } from "../../../../src/model/rule.ts";
import { wantedQueries, wireRuleOf } from "../../../../src/model/wire_rules.ts";
import type { RulePreview } from "../../../../src/stream/rule_sync.ts";

const SLOT = { type: "track", id: 0 } as const;
const wanted = wantedQueries(["deno", "bun", "coffee", "the"].map((value) => readRule(value, SLOT)), () => {});
const [deno, bun, coffee, the] = wanted.all as [typeof wanted.all[0], ...typeof wanted.all[0][]];

/** X holds `deno` and `bun` each by itself, `old`, and a rule of somebody else. */
function preview(plan: Partial<RulePreview["plan"]>): RulePreview {
  const present = [
    { id: "1", value: "deno", tag: "t" },
    { id: "2", value: "bun", tag: "t" },
    { id: "3", value: "old", tag: "t" },
    { id: "4", value: "theirs\u001b[31m", tag: "x" },
  ];
  return {
    plan: { kept: new Map(), removed: new Map(), added: [], unplaced: [], ...plan } as RulePreview["plan"],
    counts: { capPerProject: 1_000, heldByProject: 4 },
    present,
    foreign: present.slice(3),
  };
}

const shownOf = (given: RulePreview, refusal: (rule: Rule) => string | undefined = () => undefined) =>
  planShown(given, { from: "track:0", wanted }, refusal);

Deno.test("what only groups anew is neither added nor deleted; what goes is named with X's id", () => {
  const shown = shownOf(preview({
    added: [wireRuleOf([deno!, bun!]), wireRuleOf([coffee!])],
    removed: new Map([["1", wireRuleOf([deno!])], ["2", wireRuleOf([bun!])], ["3", {
      ...wireRuleOf([]),
      value: "old",
    }]]),
  }));
  assertEquals(shown.added, [{ value: "coffee", rules: ['track:0 "coffee"'] }]);
  assertEquals(shown.removed, [{ id: "3", value: "old", tag: "t" }]);
  assertEquals(shown.repacked, { into: ["deno OR bun"], from: ["deno", "bun"] });
  assertEquals([shown.heldBefore, shown.heldAfter, shown.cap], [4, 3, 1_000]);
  const text = planText(shown);
  assertStringIncludes(text, "\nGrouped anew: 2 rules at X become 1; what they cover is covered all the time\n");
  assertStringIncludes(text, "\nDelete (1):\n  old   (3)\n");
  assertStringIncludes(text, "\nNot ours, left alone (1):\n  theirs\\u{1b}[31m   (4, tag x)\n");
});

Deno.test("a rule that takes a new query in is added, and the one whose place it takes is replaced", () => {
  const shown = shownOf(preview({
    added: [wireRuleOf([deno!, coffee!])],
    removed: new Map([["1", wireRuleOf([deno!])]]),
    kept: new Map([["2", wireRuleOf([bun!])]]),
  }));
  assertEquals(shown.added, [{ value: "deno OR coffee", rules: ['track:0 "coffee"'] }]);
  const text = planText(shown);
  assertStringIncludes(text, '\nAdd (1):\n  deno OR coffee   for track:0 "coffee"\n');
  assertStringIncludes(text, "\nReplaced by added ones: 1 rule at X; what they cover is covered all the time\n");
});

Deno.test("a rule that X has refused before is not counted as added", () => {
  const plan = preview({
    added: [wireRuleOf([the!]), wireRuleOf([coffee!])],
    kept: new Map([["1", wireRuleOf([deno!])]]),
  });
  const shown = shownOf(plan, ({ value }) => value === "the" ? "too common" : undefined);
  assertEquals(shown.added.map(({ value }) => value), ["coffee"]);
  assertEquals([shown.refused, shown.heldAfter], [[{ value: "the", reason: "too common" }], 5]);
  assertStringIncludes(planText(shown), "asked again by `traptor rules apply` (1):\n  the   X says: too common\n");
});

Deno.test("nothing to change, no room, and an unknown cap are said as such", () => {
  const same = shownOf({ ...preview({}), counts: { capPerProject: undefined, heldByProject: undefined }, foreign: [] });
  assertEquals(
    planText(same),
    "Wanted: 4 rules of track:0, 4 queries\nX holds 4 rules now, 4 afterwards\nNothing to change\n",
  );
  assertEquals(JSON.parse(JSON.stringify(same)).cap, null);
  assertStringIncludes(planText(shownOf(preview({ unplaced: [the!] }))), "\nNo room for (1):\n  the\n");
});
