import { assert, assertEquals } from "@std/assert";
import { gnipEntries, type GnipReading, isAccountsAlone } from "../../../src/extract/gnip_readings.ts";
import type { GnipRule } from "../../../src/extract/gnip_rule.ts";
import { gnipRules } from "../../../src/extract/gnip_rules.ts";
import { queriesOf } from "../../../src/model/query.ts";
import { parseQuery } from "../../../src/model/query_parser.ts";
import { readRule } from "../../../src/model/rule.ts";
import { isAcceptable } from "../../../src/model/query_check.ts";
import { TIERS } from "../../../src/model/tier.ts";
import { withChance } from "../../support/seeded.ts";
import { gnipSample, SAMPLES } from "./gnip_samples.ts";
import { isMatch, randomRule, WORDS } from "./logic.ts";
import { mangled } from "./mangled.ts";

/** `FIELDS` for each rule, `WHERE: REASON` for each refusal. */
function read(text: string, reading: GnipReading): string[] {
  return [...gnipEntries(gnipRules(text, "f"), reading)].map((entry) => {
    if (entry.kind === "refused") return `${entry.where}: ${entry.reason}`;
    assertEquals(entry.type, reading);
    return JSON.stringify(entry.fields);
  });
}

/** One rule's values, or the reason against it. */
function one(value: string, reading: GnipReading): string[] {
  return read(JSON.stringify([value]), reading).map((line) => {
    return line.startsWith("{") ? JSON.parse(line).value : line.replace("f, rule 1: ", "");
  });
}

Deno.test("as follow: every account of every rule, with the rule's tag and GNIP's id", async () => {
  assertEquals(read(await gnipSample("accounts.json"), "follow"), [
    '{"value":"2244994945","tag":"platform"}',
    '{"value":"783214","tag":"platform"}',
    '{"value":"12345678","tag":"press"}',
    '{"value":"87654321","tag":"press"}',
    '{"value":"2244994945","tag":"platform-links","gnip_id":"1128017341835464704"}',
    '{"value":"nasa","tag":"space"}',
    "f, rule 5: it names no account with from:",
  ]);
  assertEquals(read(await gnipSample("rules-response.json"), "follow"), [
    '{"value":"17874544","tag":"support","gnip_id":"1190000000000000001"}',
    "f, rule 2: it names no account with from:",
    "f, rule 3: GNIP did not take it: unbalanced parenthesis (at position 6)",
  ]);
  assertEquals(read(await gnipSample("plain-list.txt"), "follow").length, 4);
});

Deno.test("as follow: names lose their @, an account of a rule is followed once, and negated ones are not", () => {
  assertEquals(one('FROM:@NASA (from:"esa" OR (from:nasa x)) -from:jaxa -(to:a OR from:cnes)', "follow"), [
    "NASA",
    "esa",
  ]);
  assertEquals(one("-(x -from:nasa)", "follow"), ["nasa"]);
  assertEquals(one('"from:nasa" to:nasa @nasa retweets_of:nasa', "follow"), ["it names no account with from:"]);
  assertEquals(one("from:1128017341835464704 or from:nasa OR", "follow"), ["1128017341835464704", "nasa"]);
});

Deno.test("as follow: what cannot be an account is named, and costs no other", () => {
  assertEquals(one("from:näsa OR from:nasa", "follow"), [
    'at column 1: "näsa" cannot be an account; write a name of at most 15 letters, digits and _, or a numeric id',
    "nasa",
  ]);
  assertEquals(one('x "from:nasa', "follow"), [
    "it names no account with from:, and at column 3: this quote is never closed; " +
    'write a " where the phrase ends, or \\" for the character',
  ]);
});

Deno.test("as follow: accounts that a broken rule may hide are not lost in silence", () => {
  assertEquals(one('from:nasa OR "x from:esa', "follow"), [
    "it names accounts that cannot be told, and at column 14: this quote is never closed; " +
    'write a " where the phrase ends, or \\" for the character',
    "nasa",
  ]);
  assertEquals(one(`from:nasa ${"(".repeat(60)}from:esa`, "follow").length, 2);
  assertEquals(one('from:nasa "from:esa" -(x OR from:jaxa) (y', "follow").length, 2);
  assertEquals(one('from:nasa "from:esa" -(x OR from:jaxa)', "follow"), ["nasa"]);
});

Deno.test("it is told which rules say more than their accounts", () => {
  const rule = (value: string): GnipRule => ({ kind: "gnip", where: "f", value, tag: null, id: null });
  for (const value of ["from:nasa", "(from:nasa OR from:2244994945)", "from:a OR (from:b OR from:c)"]) {
    assertEquals(isAccountsAlone(rule(value)), true, value);
  }
  for (
    const value of [
      "from:a from:b",
      "from:a -is:retweet",
      "from:a OR x",
      "-from:a",
      "from:a OR",
      "",
      "from:a or from:b",
    ]
  ) {
    assertEquals(isAccountsAlone(rule(value)), false, value);
  }
});

Deno.test("as track: words, phrases, hashtags, mentions and cashtags; a space is AND, a comma OR", async () => {
  assertEquals(one("deno", "track"), ["deno"]);
  assertEquals(one('a1\n "b \n\t c"', "track"), ['a1 "b c"']);
  assertEquals(one('(climate change) OR "a \\"quoted\\", b" OR (#deno (@denoland $TSLA)) OR 🦖', "track"), [
    'climate change, "a \\"quoted\\", b", #deno @denoland $TSLA, 🦖',
  ]);
  assertEquals(read(await gnipSample("powertrack.json"), "track").filter((line) => line.startsWith("{")), [
    '{"value":"#deno, $TSLA, @denoland","tag":"entities"}',
  ]);
});

Deno.test("as track: what a track rule cannot say is refused with its place", () => {
  const query = "; write --as query, which takes the whole rule";
  const refused = {
    "snow lang:en": `at column 6: a track rule is made of words, and has no lang:${query}`,
    "snow -rain": `at column 6: a track rule cannot say what must not be there${query}`,
    "snow (rain OR hail)": `at column 6: a track rule cannot have alternatives beside other words${query}`,
    '"snow rain"~3': `at column 1: a track rule cannot say how near words stand${query}`,
    '"!!!" OR snow': `at column 1: a track rule passes over punctuation alone${query}`,
    "snow #123": `at column 6: a hashtag without a letter is none in a track rule${query}`,
    "snow or rain": 'at column 6: X takes or neither for a join nor for a word; write OR in capital letters, or "or" ' +
      "for the word",
    "coca-cola": 'at column 1: coca-cola has punctuation in it, which needs quotes; write "coca-cola"',
    "the": 'at column 1: "the" is too common to be a rule by itself; write a rarer word beside it',
    "from:a -b to:c": [
      `at column 1: a track rule is made of words, and has no from:${query}`,
      `at column 8: a track rule cannot say what must not be there${query}`,
      `at column 11: a track rule is made of words, and has no to:${query}`,
    ].join(", "),
  };
  for (const [value, reason] of Object.entries(refused)) assertEquals(one(value, "track"), [reason]);
  assertEquals(one("‼ OR snow", "track"), ["‼, snow"], "an emoji is a word, though it looks like punctuation");
});

Deno.test("as track: X is asked for what the rule said", async () => {
  const asked = (track: string) => queriesOf(readRule(track, { type: "track", id: 0 })).join(" OR ");
  const words = 'a1 "b c" OR #d OR @e OR $F OR "🦖" OR "x, \\"y\\" \\\\"';
  assertEquals(asked(one(words, "track")[0]!), words);
  await withChance((chance) => {
    let taken = 0;
    for (let round = 0; round < 2_000; round++) {
      const value = randomRule(chance, 2);
      const [entry] = gnipEntries([{ kind: "gnip", where: "f", value, tag: null, id: null }], "track");
      if (entry?.kind !== "rule") continue;
      taken++;
      const query = asked(entry.fields["value"] as string);
      for (let set = 0; set < 1 << WORDS.length; set++) {
        const there = new Set(WORDS.filter((_, at) => set & 1 << at));
        assertEquals(isMatch(query, there), isMatch(value, there), `${value} became ${query} for ${[...there]}`);
      }
    }
    assert(taken > 100, `only ${taken} rules of 2000 were taken`);
  });
});

Deno.test("as query: the whole rule, or all that stands against it", async () => {
  assertEquals(one("snow country_code:us -(has:symbols OR twitter_lang:en)", "query"), [
    "snow place_country:us -has:cashtags -lang:en",
  ]);
  assertEquals(one("klout_score:40 snow contains:phone", "query"), [
    "at column 1: X has no operator klout_score:; write the rule without it: X has nothing like it, " +
    'at column 21: X has no operator contains:; write "phone", which finds whole words only',
  ]);
  assertEquals(one("contains:x ".repeat(14).trim(), "query")[0]!.endsWith(", and 4 more"), true);
  assertEquals(read(await gnipSample("accounts.json"), "query").filter((line) => !line.startsWith("{")), []);
  const tags = read(await gnipSample("powertrack.json"), "query").filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line).tag);
  assertEquals(tags, ["apple", "boulder", "boulder-circle", "entities", "quoted", "japan", "emoji"]);
});

Deno.test("a reason stays short and safe to show, whatever stands in the rule", () => {
  const [reason] = one(`snow ${"\u202e".repeat(90_000)}`, "query");
  assert(reason!.length < 2_000 && !reason!.includes("\u202e"));
  assert(one(`x contains:${"y".repeat(90_000)}`, "query")[0]!.length < 2_000);
});

Deno.test("every rule yields something in every reading, and what it yields is what X takes", async () => {
  const values: string[] = [];
  for (const name of SAMPLES) {
    for (const rule of gnipRules(await gnipSample(name), name)) values.push(rule.value);
  }
  values.push("deno OR (snow rain)", "from:nasa OR (from:@esa -from:x)", '"a b" OR #c OR @d OR $E OR 🦖 日本');
  const tier = { ...TIERS.enterprise, ruleLength: Infinity };
  await withChance((chance) => {
    for (let round = 0; round < 4_000; round++) {
      const value = mangled(values[Math.floor(chance() * values.length)]!, chance);
      const rule: GnipRule = { kind: "gnip", where: "f", value, tag: null, id: null };
      for (const reading of ["follow", "track", "query"] as const) {
        const entries = [...gnipEntries([rule], reading)];
        assert(entries.length > 0, value);
        for (const entry of entries) {
          if (entry.kind === "refused") assert(entry.reason !== "" && entry.value === value);
          else {
            const queries = queriesOf(readRule(entry.fields, { type: reading, id: 0 }));
            // An emoji and a stop word in one word are a phrase in what a track rule asks, which may count as too common.
            const isTaken = (query: string) =>
              reading === "track" ? parseQuery(query).complaints.length === 0 : isAcceptable(query, tier);
            for (const query of queries) assert(isTaken(query), `${JSON.stringify(value)} became ${query}`);
          }
        }
      }
    }
  });
});
