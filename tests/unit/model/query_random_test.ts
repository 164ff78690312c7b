import { assert, assertEquals } from "@std/assert";
import { DEFAULT_TRANSLATION, queriesOf } from "../../../src/model/query.ts";
import { checkQuery } from "../../../src/model/query_check.ts";
import { parseQuery } from "../../../src/model/query_parser.ts";
import { alternativesOf, printQuery, termsOf } from "../../../src/model/query_tree.ts";
import { RuleFault } from "../../../src/model/rule.ts";
import { RULE_TYPES, type RuleType } from "../../../src/model/slot.ts";
import { TIERS } from "../../../src/model/tier.ts";
import { trackTokens } from "../../../src/model/track_value.ts";
import { withChance } from "../../support/seeded.ts";
import { looseText, pick, randomTree } from "./generated_trees.ts";
import { hostileText, longTexts } from "./hostile_texts.ts";

const ANY_LENGTH = { ...TIERS["pay-per-use"], ruleLength: Infinity };

/** The queries of a value, or undefined when it cannot be translated. */
function queries(type: RuleType, value: string, ruleLength = Infinity): string[] | undefined {
  const rule = { ruleId: "1", slot: { type, id: 0 }, value, tag: null, extra: {} };
  try {
    return queriesOf(rule, { ...DEFAULT_TRANSLATION, ruleLength });
  } catch (error) {
    if (error instanceof RuleFault) return undefined;
    throw error;
  }
}

/** Words as people write them, between anything that they might mean for an operator. */
function trackValue(chance: () => number): string {
  if (chance() < 0.6) return hostileText(chance);
  return Array.from({ length: 1 + Math.floor(chance() * 4) }, () => printQuery(randomTree(chance, 1))).join(
    pick([" ", ",", ", "], chance),
  );
}

Deno.test("whatever words are to be tracked, X is asked for words, phrases, entities and links, and for no operator", async () => {
  await withChance((chance) => {
    let translated = 0;
    for (let round = 0; round < 20_000; round++) {
      const value = trackValue(chance);
      for (const query of queries("track", value) ?? []) {
        translated++;
        const about = `${JSON.stringify(value)} became ${JSON.stringify(query)}`;
        const { tree, complaints } = checkQuery(query, ANY_LENGTH);
        const faults = complaints.filter(({ level, says }) => level === "fault" && !/is too common/.test(says));
        assertEquals(faults, [], about);
        for (const { term, isNegated } of termsOf(tree!)) {
          assert(["keyword", "phrase", "#", "@", "$", "url"].includes(term.operator), about);
          assertEquals([isNegated, term.distance], [false, undefined], about);
        }
        for (const part of alternativesOf(tree!)) {
          assert(part.kind === "term" || part.kind === "and" && part.parts.every(({ kind }) => kind === "term"), about);
        }
        assertEquals(query.isWellFormed(), true, about);
      }
    }
    assert(translated > 5_000, `only ${translated} values were translated`);
  });
});

Deno.test("every word that is to be tracked is in the query, once for each time that it is written", async () => {
  await withChance((chance) => {
    for (let round = 0; round < 10_000; round++) {
      const value = trackValue(chance).replaceAll(",", " ");
      const [query] = queries("track", value) ?? [];
      if (query === undefined) continue;
      const wordsOf = (text: string) => text.match(/[\p{L}\p{N}]+/gu) ?? [];
      const asked = termsOf(parseQuery(query).tree!).flatMap(({ term }) => wordsOf(term.value));
      const wanted = trackTokens(value.toWellFormed()).flatMap(({ text }) => wordsOf(text));
      assertEquals(asked, wanted, `${JSON.stringify(value)} became ${JSON.stringify(query)}`);
    }
  });
});

Deno.test("the parts of a track value have their places, and hold all of it but spaces and quotes", async () => {
  await withChance((chance) => {
    for (let round = 0; round < 10_000; round++) {
      const value = hostileText(chance);
      let end = 0;
      let between = "";
      for (const token of trackTokens(value)) {
        if (token.kind === "word") assertEquals(value.slice(token.start, token.end), token.text);
        between += value.slice(end, token.start);
        end = token.end;
      }
      assert(/^[\s"]*$/.test(between + value.slice(end)), JSON.stringify(value));
    }
  });
});

Deno.test("pieces of a long query are its alternatives, each once and in order, none longer than it must be", async () => {
  await withChance((chance) => {
    let cut = 0;
    for (let round = 0; round < 3_000; round++) {
      const value = looseText(randomTree(chance), chance).replace(/\s+/g, " ").trim();
      const longest = 1 + Math.floor(chance() * 100);
      const pieces = queries("query", value, longest)!;
      if (pieces.length > 1) cut++;
      const printed = (text: string) => alternativesOf(parseQuery(text).tree!).map(printQuery);
      assertEquals(pieces.flatMap(printed), printed(value), value);
      assertEquals(pieces.flatMap((piece) => parseQuery(piece).complaints), [], value);
      for (const piece of pieces) assert(piece.length <= longest || printed(piece).length === 1, value);
    }
    assert(cut > 300, `only ${cut} queries were cut`);
  });
});

Deno.test("no value of any type throws anything but a fault of its rule", async () => {
  await withChance((chance) => {
    for (let round = 0; round < 5_000; round++) {
      for (const type of RULE_TYPES) queries(type, hostileText(chance), pick([1, 100, 1_024], chance));
    }
  });
  for (const text of longTexts()) for (const type of RULE_TYPES) queries(type, text, 1_024);
});
