import { assert, assertEquals, assertThrows } from "@std/assert";
import { DEFAULT_TRANSLATION, queriesOf, type Translation } from "../../../src/model/query.ts";
import { checkQuery } from "../../../src/model/query_check.ts";
import { RuleFault } from "../../../src/model/rule.ts";
import type { RuleType } from "../../../src/model/slot.ts";
import { TIERS } from "../../../src/model/tier.ts";

function queries(type: RuleType, value: string, translation: Partial<Translation> = {}): string[] {
  const rule = { ruleId: "1", slot: { type, id: 0 }, value, tag: null, extra: {} };
  return queriesOf(rule, { ...DEFAULT_TRANSLATION, ...translation });
}

const TRANSLATED: readonly (readonly [RuleType, string, string])[] = [
  ["track", "deno", "deno"],
  ["track", "climate change", "climate change"],
  ["track", "  climate \t change\n", "climate change"],
  ["track", '"climate change" now', '"climate change" now'],
  ["track", '" climate \n change "', '"climate change"'],
  ["track", "tea, coffee", "tea OR coffee"],
  ["track", "green tea, coffee", "green tea OR coffee"],
  ["track", ",tea,,tea ,coffee,", "tea OR coffee"],
  ["track", '"a, b",c', '"a, b" OR c'],
  ["track", "#opendata @denoland $TSLA", "#opendata @denoland $TSLA"],
  ["track", "#2024", '"#2024"'],
  ["track", "#a-b", '"#a-b"'],
  ["track", "@a_name_that_is_too_long", '"@a_name_that_is_too_long"'],
  ["track", "$1000", '"$1000"'],
  ["track", "coca-cola", '"coca-cola"'],
  ["track", "don't", '"don\'t"'],
  ["track", "AT&T", '"AT&T"'],
  ["track", "C++", '"C++"'],
  ["track", "-cola", '"-cola"'],
  ["track", "tea - coffee & + cake", "tea coffee cake"],
  ["track", "rock or roll", 'rock "or" roll'],
  ["track", "rock OR roll", 'rock "OR" roll'],
  ["track", "AND", '"AND"'],
  ["track", "NOT java", '"NOT" java'],
  ["track", "(paren", '"(paren"'],
  ["track", "from:nasa", '"from:nasa"'],
  ["track", "lang:en -is:retweet", '"lang:en" "-is:retweet"'],
  ["track", "back\\slash", '"back\\\\slash"'],
  ["track", '"Toys \\"R\\" Us"', '"Toys \\"R\\" Us"'],
  ["track", 'say "hello, world', "say hello OR world"],
  ["track", "ap*", '"ap*"'],
  ["track", "https://example.com/a?b=c", 'url:"https://example.com/a?b=c"'],
  ["track", "HTTP://EXAMPLE.COM", 'url:"HTTP://EXAMPLE.COM"'],
  ["track", "example.com", '"example.com"'],
  ["track", "❤️", '"❤️"'],
  ["track", "1️⃣", '"1️⃣"'],
  ["track", "#1️⃣", '"#1️⃣"'],
  ["track", "🦖", '"🦖"'],
  ["track", "👩‍💻🇩🇪", '"👩‍💻🇩🇪"'],
  ["track", "地震", "地震"],
  ["track", "地震！", '"地震！"'],
  ["track", "diacrítica", "diacrítica"],
  ["track", "deno\ud800", '"deno\ufffd"'],
  ["follow", "783214", "from:783214 OR to:783214 OR retweets_of:783214"],
  ["follow", " @XDevelopers ", "from:XDevelopers OR to:XDevelopers OR retweets_of:XDevelopers"],
  [
    "follow",
    "1234567890123456789",
    [
      "from:1234567890123456789",
      "to:1234567890123456789",
      "retweets_of:1234567890123456789",
    ].join(" OR "),
  ],
  ["geo", "-74.1,40.6,-73.8,40.9", "bounding_box:[-74.1 40.6 -73.8 40.9]"],
  ["geo", " -74.10 , 40.60  -73.8, +40.9 ", "bounding_box:[-74.1 40.6 -73.8 40.9]"],
  ["geo", "1,2,1.1,2.1,5,6,5.1,6.1", "bounding_box:[1 2 1.1 2.1] OR bounding_box:[5 6 5.1 6.1]"],
  ["geo", "1,2,1.1,2.1,1,2,1.1,2.1", "bounding_box:[1 2 1.1 2.1]"],
  ["query", " (a OR b)\n lang:en ", "(a OR b) lang:en"],
  ["query", "deno or", "deno or"],
];

for (const [type, value, expected] of TRANSLATED) {
  Deno.test(`${type} ${JSON.stringify(value)} becomes ${expected}`, () => {
    assertEquals(queries(type, value), [expected]);
  });
}

const REFUSED: readonly (readonly [RuleType, string, RegExp])[] = [
  ["track", "", /holds no word/],
  ["track", ",", /holds no word/],
  ["track", '"', /holds no word/],
  ["track", '"..." - & +', /holds no word/],
  ["track", "\u200b\u202e", /holds no word/],
  ["follow", "two words", /is no account/],
  ["follow", "böse", /is no account/],
  ["follow", "a_name_that_is_far_too_long", /is no account/],
  ["follow", "12345678901234567890", /is no account/],
  ["geo", "", /is no area: four numbers, west,south,east,north/],
  ["geo", "1,2,3", /is no area/],
  ["geo", "1,2,3,4,5", /is no area/],
  ["geo", "a,b,c,d", /is no area/],
  ["geo", "1e1,2,3,4", /is no area/],
  ["geo", "-200,1,3,4", /longitude lies beyond 180/],
  ["geo", "100,-91,101,4", /latitude lies beyond 90 degrees; the order is west,south,east,north/],
  ["geo", "3,2,1,4", /its west is not left of its east/],
  ["geo", "37.8,-122.75,36.8,-121.75", /latitude and longitude are swapped/],
  ["geo", `${"9".repeat(400)},0,1,1`, /is no number/],
  ["geo", '{"type":"Point","coordinates":[1,2]}', /is no Polygon or MultiPolygon/],
  ["geo", "{", /is no Polygon or MultiPolygon/],
];

for (const [type, value, why] of REFUSED) {
  Deno.test(`${type} ${JSON.stringify(value).slice(0, 60)} cannot be translated`, () => {
    const { message } = assertThrows(() => queries(type, value), RuleFault);
    assert(why.test(message), message);
  });
}

Deno.test("of an account its own posts alone, where the setting says so", () => {
  assertEquals(queries("follow", "@nasa", { follow: "author" }), ["from:nasa"]);
});

Deno.test("an area larger than X takes is cut into tiles, of which as many share a query as fit", () => {
  const tiled = queries("geo", "-122.75,36.8,-121.75,37.8");
  assertEquals(tiled.map((query) => query.split(" OR ").length), [9]);
  assertEquals(queries("geo", "0,0,0.6,0.3"), ["bounding_box:[0 0 0.3 0.3] OR bounding_box:[0.3 0 0.6 0.3]"]);
  const pieces = queries("geo", "0,0,0.6,0.6", { ruleLength: 60 });
  assertEquals(pieces, [
    "bounding_box:[0 0 0.3 0.3] OR bounding_box:[0.3 0 0.6 0.3]",
    "bounding_box:[0 0.3 0.3 0.6]",
    "bounding_box:[0.3 0.3 0.6 0.6]",
  ]);
});

Deno.test("an area that takes more tiles than are allowed is refused, with what to write for a country", () => {
  assertEquals(queries("geo", "0,0,0.6,0.6", { geoMaxTiles: 4 }).length, 1);
  const refusal = (value: string, geoMaxTiles: number) =>
    assertThrows(() => queries("geo", value, { geoMaxTiles }), RuleFault).message;
  assertEquals(
    refusal("0,0,0.6,0.6", 3),
    "its area takes 4 tiles of less than 25 miles, more than GEO_MAX_TILES (3); " +
      "for a country write a query rule with place_country:",
  );
  assertEquals(/takes 5 tiles/.test(refusal("0,0,0.6,0.6,10,10,10.1,10.1", 4)), true);
  assertEquals(/takes \d{6} tiles/.test(refusal("-180,-90,180,90", 64)), true);
});

Deno.test("GeoJSON becomes the boxes around its polygons", () => {
  const ring = (
    west: number,
    south: number,
  ) => [[[west, south], [west + 0.2, south], [west, south + 0.2], [west, south]]];
  const geometry = { type: "MultiPolygon", coordinates: [ring(1, 2), ring(5, 6)] };
  const expected = ["bounding_box:[1 2 1.2 2.2] OR bounding_box:[5 6 5.2 6.2]"];
  assertEquals(queries("geo", JSON.stringify(geometry)), expected);
  assertEquals(queries("geo", ` ${JSON.stringify({ type: "Feature", geometry, properties: {} }, null, 2)}`), expected);
});

Deno.test("words longer than one query are sent in pieces, each no longer than X takes", () => {
  const words = Array.from({ length: 300 }, (_, at) => `word${at}`);
  const pieces = queries("track", words.join(","));
  assertEquals(pieces.join(" OR "), words.join(" OR "));
  assertEquals(pieces.map(({ length }) => length <= 1_024), [true, true, true, true]);
  assertEquals(queries("track", words.join(" ")), [words.join(" ")]);
});

Deno.test("a query too long for X is sent in pieces when it is a list of alternatives", () => {
  const alternatives = ["(a1) b1", "((c1 d1) OR -e1) f1", '"g OR h" i1', "j1 k1", "l1"];
  const pieces = queries("query", alternatives.join(" OR "), { ruleLength: 40 });
  assertEquals(pieces, ["(a1) b1 OR ((c1 d1) OR -e1) f1", '"g OR h" i1 OR j1 k1 OR l1']);
  assertEquals(queries("query", "(a1 OR b1) c1", { ruleLength: 5 }), ["(a1 OR b1) c1"]);
  assertEquals(queries("query", "(a1) OR (b1 c1) d1", { ruleLength: 9 }), ["(a1)", "(b1 c1) d1"]);
});

Deno.test("a query too long for X stays whole when it is sampled, or broken", () => {
  for (const value of ["(a1 sample:10) OR b1", "a1 OR b1)", "a1 OR b1 OR"]) {
    assertEquals(queries("query", value, { ruleLength: 5 }), [value]);
  }
});

Deno.test("what is translated X takes", () => {
  for (const [type, value] of TRANSLATED.slice(0, -1)) {
    for (const query of queries(type, value)) {
      const faults = checkQuery(query, TIERS["pay-per-use"]).complaints.filter(({ level, says }) =>
        level === "fault" && !/too common/.test(says)
      );
      assertEquals(faults, [], query);
    }
  }
});
