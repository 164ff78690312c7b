import { assert, assertEquals } from "@std/assert";
import { parseQuery } from "../../../src/model/query_parser.ts";
import { printQuery, type QueryNode } from "../../../src/model/query_tree.ts";
import { withChance } from "../../support/seeded.ts";
import { looseText, randomTree } from "./generated_trees.ts";
import { hostileText } from "./hostile_texts.ts";

/** The tree with nothing in its spans. */
function withoutSpans(node: QueryNode): QueryNode {
  const span = { start: 0, end: 0 };
  if (node.kind === "not") return { ...node, ...span, part: withoutSpans(node.part) };
  return node.kind === "term" ? { ...node, ...span } : { ...node, ...span, parts: node.parts.map(withoutSpans) };
}

Deno.test("printing sets one space between parts, and brackets only where the meaning needs them", () => {
  const printed = (text: string) => printQuery(parseQuery(text).tree!);
  assertEquals(printed("  a1\t\n (b1   OR (c1)) "), "a1 (b1 OR c1)");
  assertEquals(printed("(a b) OR (c OR d)"), "a b OR c OR d");
  assertEquals(printed('"a \\"b\\" \\\\"~3 -url:"x y" box:[ 1 2 ]'), '"a \\"b\\" \\\\"~3 -url:"x y" box:[1 2]');
});

Deno.test("a tree, printed and parsed, is the same tree, without a complaint", async () => {
  await withChance((chance) => {
    for (let round = 0; round < 3_000; round++) {
      const tree = randomTree(chance);
      const text = printQuery(tree);
      const parsed = parseQuery(text);
      assertEquals(parsed.complaints, [], text);
      assertEquals(withoutSpans(parsed.tree!), tree, text);
    }
  });
});

Deno.test("a text that is sound, printed and parsed, is the tree of the text; printing again changes nothing", async () => {
  await withChance((chance) => {
    let sound = 0;
    for (let round = 0; round < 20_000; round++) {
      const text = chance() < 0.5 ? hostileText(chance) : looseText(randomTree(chance, 2), chance);
      const { tree, complaints } = parseQuery(text);
      if (!tree || complaints.length > 0) continue;
      sound++;
      const printed = printQuery(tree);
      const again = parseQuery(printed);
      assertEquals(again.complaints, [], `${JSON.stringify(text)} became ${JSON.stringify(printed)}`);
      assertEquals(withoutSpans(again.tree!), withoutSpans(tree), JSON.stringify(text));
      assertEquals(printQuery(again.tree!), printed);
    }
    assert(sound > 5_000, `only ${sound} texts were sound`);
  });
});
