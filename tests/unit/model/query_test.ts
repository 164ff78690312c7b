import { assertEquals, assertThrows } from "@std/assert";
import { queryOf } from "../../../src/model/query.ts";
import { RuleFault } from "../../../src/model/rule.ts";
import type { RuleType } from "../../../src/model/slot.ts";

function query(type: RuleType, value: string): string {
  return queryOf({ ruleId: "1", slot: { type, id: 0 }, value, tag: null, extra: {} });
}

const TRANSLATED: readonly (readonly [RuleType, string, string])[] = [
  ["track", "deno", "deno"],
  ["track", "climate change", "climate change"],
  ["track", "  climate \t change ", "climate change"],
  ["track", '"climate change" now', '"climate change" now'],
  ["track", "tea, coffee", "tea OR coffee"],
  ["track", "green tea, coffee", "(green tea) OR coffee"],
  ["track", "#opendata @denoland $TSLA", "#opendata @denoland $TSLA"],
  ["track", "coca-cola", '"coca-cola"'],
  ["track", "-cola", '"-cola"'],
  ["track", "rock or roll", 'rock "or" roll'],
  ["track", "AND", '"AND"'],
  ["track", "(paren", '"(paren"'],
  ["track", "from:nasa", '"from:nasa"'],
  ["track", "back\\slash", '"back\\\\slash"'],
  ["track", "https://example.com/a?b=c", 'url:"https://example.com/a?b=c"'],
  ["track", "example.com", '"example.com"'],
  ["track", "❤️", '"❤️"'],
  ["track", "🦖", '"🦖"'],
  ["track", "地震", "地震"],
  ["track", "diacrítica", "diacrítica"],
  ["follow", "783214", "from:783214 OR to:783214 OR retweets_of:783214"],
  ["follow", "@XDevelopers", "from:XDevelopers OR to:XDevelopers OR retweets_of:XDevelopers"],
  ["geo", "-122.75,36.8,-121.75,37.8", "bounding_box:[-122.75 36.8 -121.75 37.8]"],
  ["geo", "1,2,3,4,5,6,7,8", "bounding_box:[1 2 3 4] OR bounding_box:[5 6 7 8]"],
  ["query", " (a OR b)\n lang:en ", "(a OR b)  lang:en"],
];

for (const [type, value, expected] of TRANSLATED) {
  Deno.test(`${type} ${JSON.stringify(value)} becomes ${expected}`, () => assertEquals(query(type, value), expected));
}

const REFUSED: readonly (readonly [RuleType, string])[] = [
  ["track", ","],
  ["track", '"'],
  ["follow", "two words"],
  ["follow", "a_name_that_is_far_too_long"],
  ["follow", "12345678901234567890"],
  ["geo", "1,2,3"],
  ["geo", "a,b,c,d"],
  ["geo", "-200,1,3,4"],
  ["geo", "1,-91,3,4"],
  ["geo", "3,2,1,4"],
  ["geo", "37.8,-122.75,36.8,-121.75"],
];

for (const [type, value] of REFUSED) {
  Deno.test(`${type} ${JSON.stringify(value)} cannot be translated`, () => {
    assertThrows(() => query(type, value), RuleFault);
  });
}
