import { assertEquals } from "@std/assert";
import { checkQuery } from "../../../src/simulate/query/checks.ts";
import { Content } from "../../../src/simulate/query/content.ts";
import { compileQuery, keysIn, keysOf } from "../../../src/simulate/query/matcher.ts";
import { Random } from "../../../src/simulate/random.ts";
import { People } from "../../../src/simulate/world/people.ts";
import { placeNamed } from "../../../src/simulate/world/places.ts";
import { writeText } from "../../../src/simulate/world/text_writer.ts";
import type { Link, Media, Piece, WorldTweet } from "../../../src/simulate/world/types.ts";

const people = new People(1);
const jack = people.withUsername("jack");
const jill = people.withUsername("jill");

/** A tweet by jack with nothing but what is given. */
function tweetOf(
  pieces: readonly Piece[],
  more: Partial<WorldTweet> & { lang?: string; point?: [number, number] } = {},
): WorldTweet {
  const { text, plainText, entities } = writeText(pieces);
  const { lang = "en", point, ...members } = more;
  return {
    tweet: {
      id: "1",
      text,
      edit_history_tweet_ids: ["1"],
      author_id: jack.id,
      created_at: "2026-11-23T10:00:00.000Z",
      conversation_id: "1",
      lang,
      possibly_sensitive: false,
      reply_settings: "everyone",
      source: "Twitter Web App",
      public_metrics: {},
      edit_controls: { edits_remaining: 5, is_edit_eligible: true, editable_until: "2026-11-23T10:30:00.000Z" },
      entities,
      ...(point ? { geo: { coordinates: { type: "Point", coordinates: point } } } : {}),
    },
    author: jack,
    mentioned: pieces.flatMap((piece) => typeof piece !== "string" && "mention" in piece ? [piece.mention] : []),
    repliedTo: undefined,
    retweeted: undefined,
    quoted: undefined,
    answered: undefined,
    place: undefined,
    media: [],
    poll: undefined,
    plainText,
    pieces,
    ...members,
  };
}

const link: Link = {
  url: "https://t.co/abc",
  expanded_url: "https://news.example.org/sports/football-cup",
  display_url: "news.example.org/sports/foo…",
  title: "A page about cups",
};
const photo: Media = { media_key: "3_1", type: "photo", height: 1, width: 1 };
const cola = tweetOf(["I like coca-cola & Café AT&T"]);
const retweet = tweetOf(["RT @jill: cut of…"], { retweeted: tweetOf(["the whole original text"], { author: jill }) });
const quote = tweetOf(["look at this"], {
  quoted: tweetOf(["an original thought ", { hashtag: "idea" }], { author: jill }),
});
const answer = tweetOf([{ mention: jill }, " yes"], { repliedTo: jill });
const tagged = tweetOf(["so ", { hashtag: "ThankU" }, " ", { cashtag: "ACME" }, " ", { mention: jill }, " ", { link }]);
const here = tweetOf(["here"], { place: placeNamed("Berlin") });
const exactly = tweetOf(["here"], { place: placeNamed("Berlin"), point: [13.4, 52.52] });
const emoji = tweetOf(["good ☕️ 👍🏽 👩‍💻"]);
const japanese = tweetOf(["今朝の地震はすごかった"], { lang: "ja" });

const TABLE: readonly (readonly [query: string, tweet: WorldTweet, matches: boolean])[] = [
  ["coca", cola, true],
  ["COLA", cola, true],
  ["col", cola, false],
  ['"coca cola"', cola, true],
  ['"cola coca"', cola, false],
  ["coca-cola", cola, true],
  ['"at&t"', cola, true],
  ["amp", cola, false],
  ["café", cola, true],
  ["cafe", cola, false],
  ["like cola", cola, true],
  ["like pepsi", cola, false],
  ["pepsi OR cola", cola, true],
  ["pepsi OR like cola", cola, true],
  ["(pepsi OR like) fanta", cola, false],
  ["cola -like", cola, false],
  ["cola -pepsi", cola, true],
  ['"like cola"~1', cola, true],
  ['"i at"~2', cola, false],
  ['"cola i"~4', cola, true],
  ['"cola i"~3', cola, false],
  ["#thanku", tagged, true],
  ["#thank", tagged, false],
  ["thanku", tagged, true],
  ["$acme", tagged, true],
  ["@jill", tagged, true],
  ["to:jill", tagged, false],
  ["football", tagged, true],
  ['url:"news.example.org"', tagged, true],
  ['url:"https://news.example.org/sports"', tagged, true],
  ['url:"example.com"', tagged, false],
  ["so url_title:cups", tagged, true],
  ["so has:links has:hashtags has:cashtags has:mentions", tagged, true],
  ["so has:media", tagged, false],
  ["yes has:images", tweetOf(["yes"], { media: [photo] }), true],
  ["yes has:videos", tweetOf(["yes"], { media: [photo] }), false],
  ["original", retweet, true],
  ["cut", retweet, false],
  ["from:jack", retweet, true],
  ["from:jill", retweet, false],
  ["retweets_of:jill", retweet, true],
  [`retweets_of:${jill.id}`, retweet, true],
  ["original is:retweet", retweet, true],
  ["original -is:retweet", retweet, false],
  ["look", quote, true],
  ["thought", quote, true],
  ["#idea", quote, true],
  ["look is:quote", quote, true],
  ["from:jill", quote, false],
  ["to:jill", answer, true],
  [`to:${jill.id}`, answer, true],
  ["@jill is:reply", answer, true],
  [`from:${jack.id}`, answer, true],
  ["from:JACK", answer, true],
  ["yes lang:en", answer, true],
  ["yes lang:fr", answer, false],
  ["place_country:de", here, true],
  ["place_country:FR", here, false],
  ['place:"Berlin"', here, true],
  ["here has:geo", here, true],
  ["bounding_box:[13.30 52.40 13.50 52.65]", here, true],
  ["bounding_box:[13.39 52.51 13.41 52.53]", here, false],
  ["bounding_box:[13.39 52.51 13.41 52.53]", exactly, true],
  ["bounding_box:[13.41 52.51 13.43 52.53]", exactly, false],
  ["point_radius:[13.405 52.52 10mi]", here, true],
  ["point_radius:[13.405 52.52 1km]", exactly, true],
  ["point_radius:[13.6 52.52 1km]", exactly, false],
  ["place_country:DE", tweetOf(["RT"], { retweeted: here }), false],
  ["☕", emoji, true],
  ['"☕️"', emoji, true],
  ["👍", emoji, false],
  ["👍🏽", emoji, true],
  ["👩", emoji, false],
  ["💻", emoji, false],
  ["👩‍💻", emoji, true],
  ["地震", japanese, true],
  ["地震 OR deno", japanese, true],
  ["津波", japanese, false],
];

for (const [query, tweet, matches] of TABLE) {
  Deno.test(`${query} ${matches ? "matches" : "does not match"}: ${tweet.plainText}`, () => {
    const { node, details } = checkQuery(query, { longest: 1024 });
    assertEquals(details, []);
    const content = new Content(tweet);
    assertEquals(compileQuery(node!)(content), matches);
    const keys = keysOf(node!);
    const has = keys === undefined || [...keysIn(content)].some((key) => keys.includes(key));
    if (matches) assertEquals(has, true, "a match without one of its keys would not be found");
  });
}

Deno.test("search looks at a quote without what it quotes", () => {
  const { node } = checkQuery("thought", { longest: 1024 });
  assertEquals(compileQuery(node!)(new Content(quote, { withQuoted: false, foldsAccents: false })), false);
});

Deno.test("rules that a pool of queries is made of are found through their keys as by asking all", () => {
  const random = new Random(4);
  const words = ["coca", "cola", "original", "#thanku", "from:jack", "地震", '"coca cola"', "@jill", "here"];
  for (let round = 0; round < 500; round++) {
    const [one, two, three] = [random.pick(words), random.pick(words), random.pick(words)];
    const query = random.pick([`${one} ${two}`, `${one} OR ${two}`, `(${one} OR ${two}) ${three}`, `${one} -${two}`]);
    const { node } = checkQuery(query, { longest: 1024 });
    const content = new Content(random.pick([cola, retweet, quote, answer, tagged, here, japanese]));
    const keys = keysOf(node!);
    const has = keys === undefined || [...keysIn(content)].some((key) => keys.includes(key));
    if (compileQuery(node!)(content)) assertEquals(has, true, query);
  }
});
