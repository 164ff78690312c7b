import { assert, assertEquals } from "@std/assert";
import { DEFAULT_TRANSLATION } from "../../../src/model/query.ts";
import type { Rule } from "../../../src/model/rule.ts";
import { parseSlotName, RULE_TYPES } from "../../../src/model/slot.ts";
import { TIERS } from "../../../src/model/tier.ts";
import { type LintOptions, lintRules } from "../../../src/rules/rule_lint.ts";
import { withChance } from "../../support/seeded.ts";
import { pick } from "../model/generated_trees.ts";
import { hostileText, longTexts } from "../model/hostile_texts.ts";

const OPTIONS: LintOptions = { tier: TIERS["pay-per-use"], translation: DEFAULT_TRANSLATION };

/** A rule as `type value`, or `type:id value`. */
function ruleOf(text: string): Rule {
  const [name = "", type, id = "0", value = ""] = /^([a-z]+)(?::(\d))? ([^]*)$/.exec(text) ?? [];
  assert(name !== "", text);
  return { ruleId: text, slot: parseSlotName(`${type}:${id}`)!, value, tag: null, extra: {} };
}

/** `level: the words | what is wrong | what to write instead`; the words are absent for what concerns the whole. */
function lint(rules: readonly string[], options = OPTIONS): string[] {
  return lintRules(rules.map(ruleOf), options).map(({ level, text, span, says, instead }) => {
    const words = span ? `${text.slice(span.start, span.end)} | ` : "";
    return `${level}: ${words}${says} | ${instead}`;
  });
}

Deno.test("rules with nothing wrong have no message", () => {
  const sound = [
    "track deno",
    'track "sea level rise",#climate',
    "follow nasa",
    "follow 11348282",
    "geo -74.1,40.6,-73.8,40.9",
    "query (snow OR ice) lang:en -is:retweet",
  ];
  assertEquals(lint(sound), []);
});

Deno.test("a value that means nothing in its type is a fault with an example of what would", () => {
  assertEquals(
    lint(["track ...", "follow two words", "geo 1,2,3", "query  "]),
    [
      "fault: its value holds no word to look for | words, such as deno kafka",
      "fault: its value is no account: a numeric id, or a name of at most 15 letters, digits and _ | " +
      "an account, such as nasa or 11348282",
      "fault: its value is no area: four numbers, west,south,east,north | " +
      "west,south,east,north in degrees, such as -74.1,40.6,-73.8,40.9",
      "fault:   | there is nothing in it | a word to look for",
    ],
  );
});

Deno.test("coordinates that are swapped, and areas beyond the allowed tiles", () => {
  const instead = "west,south,east,north in degrees, such as -74.1,40.6,-73.8,40.9";
  assertEquals(lint(["geo 37.8,-122.7,37.9,-122.5"]), [
    "fault: a latitude lies beyond 90 degrees: latitude and longitude are swapped; " +
    `the order is west,south,east,north | ${instead}`,
  ]);
  const few = { ...OPTIONS, translation: { ...DEFAULT_TRANSLATION, geoMaxTiles: 8 } };
  assertEquals(lint(["geo -122.75,36.8,-121.75,37.8"], few), [
    "fault: its area takes 9 tiles of less than 25 miles, more than GEO_MAX_TILES (8); " +
    `for a country write a query rule with place_country: | ${instead}`,
  ]);
});

Deno.test("a query's complaints have their places in the value as it was written", () => {
  const [message] = lintRules([ruleOf("query  apple   or pear")], OPTIONS);
  assertEquals(message?.text, " apple   or pear");
  assertEquals(message?.span, { start: 9, end: 11 });
  assertEquals(lint(["query apple OR", "query deno lang:english", "query has:links"]), [
    "fault: OR | nothing follows this OR | one more alternative, or take the OR away",
    'fault: lang:english | lang: X knows no language "english" | a code of two letters such as en, or und for none',
    "fault: has:links | has:links cannot stand alone | a word, an account or an area beside it",
  ]);
});

Deno.test("words of a track rule that were meant otherwise", () => {
  assertEquals(lint(["track rock OR roll"]), [
    'caution: OR | OR is a word to look for here | a comma for "or", a space for "and"',
  ]);
  assertEquals(lint(["track deno NOT java"]), [
    "caution: NOT | NOT is a word to look for here | a query rule, with a minus before the next word",
  ]);
  assertEquals(lint(["track x -from:nasa"]), [
    "caution: -from:nasa | from: is text to look for here, for a track rule has no operators | a query rule: -from:nasa",
  ]);
  assertEquals(lint(["track deno -java"]), [
    "caution: -java | a minus leaves nothing out here, for a track rule has no operators | a query rule with -java",
  ]);
  assertEquals(lint(["track nasa.gov/news"]), [
    "caution: nasa.gov/news | an address is found where a text shows it so, not in every link to it | " +
    'a query rule: url:"nasa.gov/news"',
  ]);
  assertEquals(lint(['track "rock OR roll" "from:nasa" "-x"', "track note:this", "track not 10:30", "track a.b"]), []);
});

Deno.test("words that v1.1 found and X will not", () => {
  assertEquals(lint(["track climat*"]), [
    "caution: climat* | X finds whole words only: a * stands for nothing | each form of the word, with commas between",
  ]);
  const unspaced = "in text without spaces between words X may find this only where it stands by itself | " +
    "words as they stand between spaces, or a hashtag";
  assertEquals(lint(["track 地震,quake", "track ニュース!"]), [
    `caution: 地震 | ${unspaced}`,
    `caution: "ニュース!" | ${unspaced}`,
  ]);
});

Deno.test("the places of a track rule's words are those in its value, others those in the query for X", () => {
  const messages = lintRules([ruleOf('track "a, b"  tea AND,the')], OPTIONS);
  assertEquals(messages.map(({ text, span, level }) => [level, text.slice(span!.start, span!.end), text]), [
    ["caution", "AND", '"a, b"  tea AND,the'],
    ["caution", "the", '"a, b" tea "AND" OR the'],
  ]);
});

Deno.test("what costs several of X's rules, and what is too long to be sent at all", () => {
  assertEquals(lint(["geo -122.75,36.8,-121.75,37.8"]), [
    "caution: its area has 25 miles or more, so it becomes 9 tiles in one rule at X | " +
    "a smaller area, or a query rule with place_country: or place:",
  ]);
  const words = Array.from({ length: 300 }, (_, at) => `word${at}`);
  const cut =
    "caution: it is longer than X takes, so it becomes 4 rules at X | fewer alternatives, where that is too many";
  assertEquals(lint([`track ${words.join(",")}`]), [cut]);
  assertEquals(lint([`query ${words.join(" OR ")}`]), [cut]);
  assertEquals(lint([`track ${"x".repeat(1_030)}`]), [
    "fault: xxxxxx | it is 1030 characters long, pay-per-use takes 1024 | several rules, or shorter ones",
  ]);
});

Deno.test("rules that mean the same are told with the earlier one, whatever their slots", () => {
  assertEquals(lint(["track deno kafka", "track:3 Kafka  deno", "track KAFKA DENO", "query deno kafka"]), [
    'caution: it means the same as track:0 "deno kafka" | one of them, with both tags',
    'caution: it means the same as track:0 "deno kafka" | one of them, with both tags',
    'caution: all that it finds is found by track:0 "deno kafka" as well | nothing, unless its own tag matters',
  ]);
  assertEquals(lint(["follow @NASA", "follow nasa", "geo 1,2,1.1,2.1", "geo 1.0 2.0 1.10 2.10"]), [
    'caution: it means the same as follow:0 "@NASA" | one of them, with both tags',
    'caution: it means the same as geo:0 "1,2,1.1,2.1" | one of them, with both tags',
  ]);
});

Deno.test("a rule that another covers is told with that other; one with a fault covers nothing", () => {
  assertEquals(lint(["track deno", "track deno kafka", "query deno from:nasa"]), [
    'caution: all that it finds is found by track:0 "deno" as well | nothing, unless its own tag matters',
    'caution: all that it finds is found by track:0 "deno" as well | nothing, unless its own tag matters',
  ]);
  assertEquals(lint(["follow nasa", "query from:nasa lang:en", "query to:NASA"]).length, 2);
  assertEquals(lint(["query deno lang:xx", "track deno kafka", "query deno kafka lang:xx"]).length, 2);
});

Deno.test("a long value is cut where it is named", () => {
  const [message] = lint([`track ${"deno ".repeat(100)}`, `track ${"deno ".repeat(100)}`]);
  assertEquals(
    message,
    `caution: it means the same as track:0 "${"deno ".repeat(100).slice(0, 79)}…" | ` +
      "one of them, with both tags",
  );
});

Deno.test("the messages are in the order of the rules", () => {
  const messages = lintRules(
    ["track deno", "query OR", "track Deno", "track ,", "track deno rust"].map(ruleOf),
    OPTIONS,
  );
  assertEquals(messages.map(({ rule }) => rule.value), ["OR", "Deno", ",", "deno rust"]);
});

Deno.test("no rules, however mangled, make it throw, and each message has its place in its text", async () => {
  const check = (rules: readonly Rule[]) => {
    for (const { text, span, says, instead } of lintRules(rules, OPTIONS)) {
      const isPlace = !span || 0 <= span.start && span.start <= span.end && span.end <= text.length;
      if (!isPlace || says === "" || instead === "") {
        throw new Error(`${JSON.stringify({ text, span, says, instead })}`);
      }
    }
  };
  await withChance((chance) => {
    for (let round = 0; round < 300; round++) {
      check(Array.from({ length: 20 }, () => ({
        ruleId: "1",
        slot: { type: pick(RULE_TYPES, chance), id: Math.floor(chance() * 3) },
        value: hostileText(chance),
        tag: null,
        extra: {},
      })));
    }
  });
  check(
    longTexts().flatMap((value) =>
      RULE_TYPES.map((type) => ({ ruleId: "1", slot: { type, id: 0 }, value, tag: null, extra: {} }))
    ),
  );
});
