import { assertEquals } from "@std/assert";
import { checkQuery } from "../../../src/simulate/query/checks.ts";

const VALID = [
  "deno",
  "climate change",
  '"climate change"',
  '"Toys \\"R\\" Us"',
  '"climate crisis"~3',
  "#opendata",
  "@jack",
  "$ACME",
  "地震",
  "☕️",
  "👩‍💻 OR 🇫🇷",
  "coca-cola",
  "from:783214 OR to:783214 OR retweets_of:783214",
  "bounding_box:[13.30 52.45 13.50 52.58]",
  "point_radius:[2.35 48.85 16km]",
  "(weather OR storm) lang:en -is:retweet",
  "(a OR b) cat",
  "cat -dog -has:links -is:nullcast",
  'url:"https://example.com"',
  "place_country:DE",
  "sample:10 cat",
  "cat followers_count:100..500",
  "ORANGE",
];

for (const query of VALID) {
  Deno.test(`valid: ${query}`, () => assertEquals(checkQuery(query, { longest: 1024 }).details, []));
}

const NO_POSITIVE = "Rules must contain at least one positive, non-stopword clause (at position 1)";

const INVALID: readonly (readonly [query: string, detail: string])[] = [
  ["--b", "Rules must contain a non-negation term (at position 1)"],
  ["-deno", NO_POSITIVE],
  ["you", NO_POSITIVE],
  ["", NO_POSITIVE],
  ["has:links OR is:retweet", "Operator 'has:links' must be used with a standalone operator (at position 1)"],
  ["lang:en", "Operator 'lang:en' must be used with a standalone operator (at position 1)"],
  ["deno OR lang:en", "Operator 'lang:en' must be used with a standalone operator (at position 9)"],
  ["apple OR -ipad", "Negated clauses cannot be joined with OR (at position 10)"],
  ["cat -(a OR b)", "Groups cannot be negated; negate each of their clauses (at position 6)"],
  [
    "streaming AND lang:en",
    'Ambiguous use of and as a keyword. Use a space to logically join two clauses, or "and" to find occurrences of ' +
    "and in text (at position 11)",
  ],
  [
    "cat or dog",
    'Ambiguous use of or as a keyword. Use OR to logically join two clauses, or "or" to find occurrences of or in ' +
    "text (at position 5)",
  ],
  ["cat (dog", "missing ')' at '<EOF>' (at position 5)"],
  ["cat) dog", "missing EOF at ')' (at position 4)"],
  ['cat "dog', "mismatched character '<EOF>' expecting '\"' (at position 5)"],
  ["OR cat", "no viable alternative at input 'OR' (at position 1)"],
  ["AT&T", "no viable alternative at character '&' (at position 3)"],
  ['"a b"~7', "Proximity must not be greater than 6 (at position 1)"],
  ["cat is:nullcast", "Operator 'is:nullcast' must be negated (at position 5)"],
  ["cat -sample:10", "Operator 'sample' cannot be negated (at position 6)"],
  [
    "bounding_box:[13 52 14 53]",
    "bounding_box width must be less than 25mi for operator 'bounding_box' (at position 1)",
  ],
  [
    "bounding_box:[13.5 52 13.3 52.1]",
    "bounding_box coordinates must be in order: west south east north for operator " +
    "'bounding_box' (at position 1)",
  ],
  [
    "bounding_box:[190 52 191 53]",
    "longitude must be between -180 and 180 for operator 'bounding_box' (at position 1)",
  ],
  ["point_radius:[2.3 48.8 26mi]", "radius must be less than 25mi for operator 'point_radius' (at position 1)"],
  ["cat is:purple", "Invalid value 'purple' for operator 'is' (at position 5)"],
  [
    "from:a-b-c",
    "Invalid value 'a-b-c': expected a username without @, or a numeric user id for operator 'from' " +
    "(at position 1)",
  ],
];

for (const [query, detail] of INVALID) {
  Deno.test(`invalid: ${query}`, () => {
    const { details } = checkQuery(query, { longest: 1024 });
    assertEquals(details.some((text) => text === detail), true, details.join("\n"));
  });
}

Deno.test("invalid: longer than allowed, an operator that there is not", () => {
  assertEquals(checkQuery("x".repeat(11), { longest: 10 }).details.length, 1);
  const [detail] = checkQuery('cat embedding:"dog"', { longest: 1024 }).details;
  assertEquals(
    detail?.startsWith("Reference to invalid operator 'embedding'. Operator is not available in"),
    true,
    detail,
  );
  assertEquals(checkQuery("bio:cat", { longest: 1024, unavailable: ["bio"] }).details.length, 1);
});
