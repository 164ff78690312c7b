import { assertEquals } from "@std/assert";
import { keysIn } from "../../../../src/cli/top/keys.ts";
import {
  afterFailure,
  afterKey,
  afterLook,
  BEGINNING,
  MOST_SAMPLES,
  offsetIn,
  rulesShown,
  type TopState,
} from "../../../../src/cli/top/model.ts";
import { lookAt, ruleRow } from "../../../support/top_look.ts";

const RULES = [
  ruleRow("b", { rate: 1, total: 300, lastAt: 30 }),
  ruleRow("c", { rate: 3, total: 100, lastAt: undefined }),
  ruleRow("a", { rate: 2, total: 200, lastAt: 40 }),
];

const STATE = afterLook(BEGINNING, lookAt(RULES));

function pressed(text: string, state: TopState = STATE, page = 10): TopState {
  return keysIn(text).reduce((before, key) => afterKey(before, key, page), state);
}

function values(state: TopState): string {
  return rulesShown(state).map(({ value }) => value).join("");
}

Deno.test("rules are sorted by rate at first, and by what a key names", () => {
  assertEquals(values(STATE), "cab");
  assertEquals(values(pressed("t")), "bac");
  assertEquals(values(pressed("v")), "abc");
  assertEquals(values(pressed("l")), "abc", "a rule that never matched comes last");
  assertEquals(values(pressed("tr")), "cab");
});

Deno.test("the same key again reverses, R does as well, and another key begins anew", () => {
  assertEquals(values(pressed("r")), "bac");
  assertEquals(values(pressed("rr")), "cab");
  assertEquals(values(pressed("R")), "bac");
  assertEquals(values(pressed("tt")), "cab");
  assertEquals(values(pressed("ttv")), "abc");
});

Deno.test("s and the arrows go round the orders in both directions", () => {
  const sorts = ["s", "ss", "sss", "ssss"].map((keys) => pressed(keys).sort);
  assertEquals(sorts, ["total", "value", "last", "rate"]);
  assertEquals(pressed("\u001b[C").sort, "total");
  assertEquals(pressed("\u001b[D").sort, "last");
});

Deno.test("rules that are equal keep one order in both directions", () => {
  const equal = afterLook(BEGINNING, lookAt([ruleRow("y"), ruleRow("x"), ruleRow("z")]));
  assertEquals(values(equal), "xyz");
  assertEquals(values(pressed("R", equal)), "xyz");
});

Deno.test("scrolling stops at both ends, whatever the size", () => {
  const many = afterLook(BEGINNING, lookAt(Array.from({ length: 25 }, (_, at) => ruleRow(String(at)))));
  assertEquals(pressed("k", many).offset, 0);
  assertEquals(pressed("jj\u001b[B", many).offset, 3);
  assertEquals(pressed("\u001b[6~", many).offset, 10);
  assertEquals(pressed("\u001b[6~\u001b[6~\u001b[6~", many).offset, 15);
  assertEquals(pressed("\u001b[F", many).offset, 15);
  assertEquals(pressed("\u001b[Fk", many).offset, 14);
  assertEquals(pressed("\u001b[F\u001b[H", many).offset, 0);
  assertEquals(pressed("\u001b[F\u001b[5~", many).offset, 5);
  const atEnd = pressed("\u001b[F", many);
  assertEquals(offsetIn(atEnd, 20), 5, "a terminal that has grown shows no blank page");
  assertEquals(pressed("k", atEnd, 20).offset, 4, "the key counts from what is seen");
  assertEquals(offsetIn(atEnd, 0), 15);
  assertEquals(offsetIn(afterLook(atEnd, lookAt(RULES)), 10), 0, "so do rules that have gone");
});

Deno.test("a filter takes letters that are keys elsewhere, in whichever case; Enter keeps it, Esc drops it", () => {
  const rules = afterLook(BEGINNING, lookAt([ruleRow("Quick"), ruleRow("slow"), ruleRow("地震")]));
  const typing = pressed("/q", rules);
  assertEquals([typing.isOver, typing.isTyping, values(typing)], [false, true, "Quick"]);
  assertEquals(values(pressed("/quz\u007f\r", rules)), "Quick");
  assertEquals(pressed("/qu\rq", rules).isOver, true);
  assertEquals(values(pressed("/地", rules)), "地震");
  assertEquals(pressed("/😀\u007f", rules).filter, "", "a character goes as a whole");
  assertEquals(pressed("/qu", rules).filter, "qu");
  const dropped = afterKey(typing, { kind: "escape" }, 10);
  assertEquals([dropped.filter, dropped.isTyping], ["", false]);
});

Deno.test("q and Ctrl-C end it, Ctrl-C while a filter is typed as well", () => {
  assertEquals(pressed("q").isOver, true);
  assertEquals(pressed("\u0003").isOver, true);
  assertEquals(pressed("/\u0003").isOver, true);
  assertEquals(pressed("jkxyz").isOver, false);
});

Deno.test("a graph goes back so many looks and no more, and a rule that is gone has no past", () => {
  let state = BEGINNING;
  for (let rate = 0; rate < MOST_SAMPLES + 5; rate += 1) state = afterLook(state, lookAt([ruleRow("a", { rate })]));
  const samples = [...state.history.values()][0]!;
  assertEquals([samples.length, samples[0], samples.at(-1)], [60, 5, 64]);
  assertEquals(afterLook(state, lookAt([])).history.size, 0);
});

Deno.test("a look that failed leaves what was seen, and the next one takes the reason away", () => {
  const failed = afterFailure(STATE, "Redis is away");
  assertEquals([failed.failure, values(failed)], ["Redis is away", "cab"]);
  assertEquals(afterLook(failed, lookAt([])).failure, "");
});
