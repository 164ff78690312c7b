import { assert, assertEquals, assertThrows } from "@std/assert";
import { Matcher } from "../../../src/match/matcher.ts";
import { wordsOf } from "../../../src/match/words.ts";
import { matches, matchesOf, saying, sent } from "./matching_bench.ts";

Deno.test("a word matches whole words, whatever their case, never parts of them", () => {
  const tweet = saying("Deno's DENOSAUR coca-cola foo_bar, (v2)");
  assertEquals(matchesOf(["deno", "DENO", "denosaur", "coca", "cola", "foo", "bar", "v2", "s"], tweet), [
    ...["deno", "DENO", "denosaur", "coca", "cola", "foo", "bar", "v2", "s"],
  ]);
  assertEquals(matchesOf(["den", "saur", "cocacola", "foobar", "v", "2"], tweet), []);
});

Deno.test("accents are exact, and letters that have them are no word's end", () => {
  const tweet = saying("Diacrítica café ÉTÉ");
  assertEquals(matchesOf(["diacrítica", "DIACRÍTICA", "café", "été"], tweet).length, 4);
  assertEquals(matchesOf(["diacritica", "diacr", "tica", "cafe", "caf", "ete", "t"], tweet), []);
});

Deno.test("the words of a text are what lies between punctuation, symbols, spaces and emoji", () => {
  assertEquals(wordsOf("Ünï2 — №5:a\u0301b\u2019c 👍🏽word❤️next x\u200dy 𝐀b"), [
    ...["ünï2", "5", "a\u0301b", "c", "word", "next", "x", "y", "𝐀b"],
  ]);
  assertEquals(wordsOf(""), []);
  assertEquals(wordsOf("\ud83d lone \udc4d"), ["lone"]);
});

Deno.test("a phrase is its words side by side and in order, within one text", () => {
  const tweet = saying("New York, not York new. One https://t.co/abc two");
  assertEquals(matchesOf(['"new york"', '"York not"', '"york new one"'], tweet).length, 3);
  assertEquals(matchesOf(['"york york"', '"not new"', '"new york new"', '"one two"', '"two new"'], tweet), []);
});

Deno.test("a hashtag matches the whole tag, as X found it in the text", () => {
  const tweet = sent({
    text: "#ThankU #next, #ignored",
    entities: { hashtags: [{ tag: "ThankU" }, { tag: "next" }], cashtags: [{ tag: "TWTR" }] },
  });
  assertEquals(matchesOf(["#thanku", "#NEXT", "$twtr", "has:hashtags thanku", "has:cashtags thanku"], tweet).length, 5);
  assertEquals(matchesOf(["#thank", "#thankunext", "#ignored", "$next", "#twtr", "@next"], tweet), []);
});

Deno.test("a retweet is matched on the original's text and entities; where it was sent from is nobody's", () => {
  const tweet = sent({
    text: "RT @someone: the beginning of it…",
    author_id: "10",
    entities: { hashtags: [{ tag: "cut" }], mentions: [{ username: "someone", id: "20" }] },
    geo: { place_id: "p", coordinates: { coordinates: [13.4, 52.5] } },
    referenced_tweets: [{ type: "retweeted", id: "2" }],
  }, {
    tweets: [{ id: "2", text: "whole text", author_id: "20", entities: { hashtags: [{ tag: "whole" }] } }],
    users: [{ id: "10", username: "Me" }, { id: "20", username: "SomeOne" }],
    places: [{ id: "p", country_code: "DE", geo: { bbox: [13.4, 52.5, 13.41, 52.51] } }],
  });
  const found = ["whole", "#whole", "whole is:retweet", "from:me", "from:10", "retweets_of:someone", "retweets_of:20"];
  assertEquals(matchesOf(found, tweet), found);
  assertEquals(
    matchesOf([
      ...["beginning", "#cut", "@someone", "from:someone", "from:20", "retweets_of:me", "whole -is:retweet"],
      ...["place_country:de", "bounding_box:[13.3 52.4 13.5 52.6]", "whole is:quote", "whole is:reply"],
    ], tweet),
    [],
  );
});

Deno.test("a quote is matched on itself and on what it quotes, but not on whose that is or where", () => {
  const tweet = sent({
    text: "own words",
    author_id: "10",
    referenced_tweets: [{ type: "quoted", id: "2" }],
  }, {
    tweets: [{
      id: "2",
      text: "quoted words",
      author_id: "20",
      entities: { hashtags: [{ tag: "quoted" }], mentions: [{ username: "Third", id: "30" }] },
      geo: { place_id: "p" },
      referenced_tweets: [{ type: "replied_to", id: "3" }],
    }],
    places: [{ id: "p", country_code: "DE" }],
  });
  const found = ["own", "quoted", "own quoted", "#quoted", "@third", "@30", "own is:quote", "own is:reply"];
  assertEquals(matchesOf(found, tweet), found);
  assertEquals(matchesOf(['"words quoted"', "from:20", "place_country:de", "own is:retweet"], tweet), []);
});

Deno.test("a retweet of a quote is matched on the retweeted and on what that quotes", () => {
  const tweet = sent({ text: "RT own", referenced_tweets: [{ type: "retweeted", id: "2" }] }, {
    tweets: [
      { id: "3", text: "deep" },
      { id: "2", text: "middle", referenced_tweets: [{ type: "quoted", id: "3" }] },
    ],
  });
  assertEquals(matchesOf(["deep", "middle", "deep is:quote is:retweet", "own"], tweet), [
    ...["deep", "middle", "deep is:quote is:retweet"],
  ]);
});

Deno.test("a long tweet is matched on its whole text and that text's entities", () => {
  const tweet = sent({
    text: "the beginning https://t.co/x",
    entities: { hashtags: [{ tag: "begin" }] },
    note_tweet: { text: "the beginning and the end", entities: { hashtags: [{ tag: "end" }] } },
  });
  assertEquals(matchesOf(["end", "beginning", "#end", "#begin"], tweet), ["end", "beginning", "#end"]);
});

Deno.test("words are found in links: where they lead, and as they are shown, but not in X's shortened ones", () => {
  const tweet = sent({
    text: "look https://t.co/secret1",
    entities: {
      urls: [{
        url: "https://t.co/secret1",
        expanded_url: "https://short.example/abc",
        unwound_url: "https://news.example/2026/deno-wins?x=1",
        display_url: "short.example/abc…",
      }, { expanded_url: "https://x.com/1/photo/1", display_url: "pic.x.com/shown" }],
    },
  });
  const found = ["look", "abc", "deno", '"deno wins"', "news", "photo", "shown", '"pic x com"'];
  assertEquals(matchesOf(found, tweet), found);
  assertEquals(matchesOf(["secret1", "co", '"look short"', '"1 https"'], tweet), []);
});

Deno.test("X's escapes in a text stand for the characters", () => {
  assertEquals(matchesOf(["amp", "lt", "gt", "salt", '"salt pepper"'], saying("salt&amp;pepper &lt;b&gt;")), [
    ...["salt", '"salt pepper"'],
  ]);
});

Deno.test("accounts are found by id and by name: who wrote it, whom it answers, whom it mentions", () => {
  const tweet = sent({
    text: "@Answered @Named hello",
    author_id: "10",
    in_reply_to_user_id: "20",
    entities: { mentions: [{ username: "Answered", id: "20" }, { username: "Named", id: "30" }] },
    referenced_tweets: [{ type: "replied_to", id: "5" }],
    conversation_id: "4",
  }, { users: [{ id: "10", username: "Author" }, { id: "20", username: "Answered" }] });
  const found = ["from:10", "from:AUTHOR", "to:20", "to:answered", "@answered", "@30", "@NAMED", "hello is:reply"];
  const tied = ["conversation_id:4", "hello in_reply_to_tweet_id:5", "hello in_reply_to_status_id:5"];
  assertEquals(matchesOf([...found, ...tied], tweet), [...found, ...tied]);
  assertEquals(
    matchesOf([
      ...["from:20", "from:answered", "to:10", "to:30", "to:named", "@author", "@10", "retweets_of:20"],
      ...["conversation_id:5", "hello in_reply_to_tweet_id:4", "hello retweets_of_tweet_id:5", "hello -is:reply"],
    ], tweet),
    [],
  );
});

Deno.test("an area holds exact coordinates, else a place that lies within it completely", () => {
  const place = { id: "p", country_code: "DE", geo: { bbox: [13.4, 52.5, 13.5, 52.6] } };
  const placed = sent({ text: "a", geo: { place_id: "p" } }, { places: [place] });
  const exact = sent({ text: "a", geo: { place_id: "p", coordinates: { coordinates: [13.45, 52.55] } } }, {
    places: [place],
  });
  const whole = "bounding_box:[13.4 52.5 13.5 52.6]";
  const part = "geo_bounding_box:[13.41 52.5 13.6 52.7]";
  assertEquals(matchesOf([whole, part, "place_country:DE"], placed), [whole, "place_country:DE"]);
  assertEquals(matchesOf([whole, part, "place_country:DE"], exact), [whole, part, "place_country:DE"]);
  assertEquals(matchesOf(["bounding_box:[-13.5 52.5 -13.4 52.6]", "place_country:US"], exact), []);
});

Deno.test("areas are found across the edges of degrees, at negative ones, and up at the pole", () => {
  const at = (longitude: number, latitude: number) =>
    sent({ text: "a", geo: { coordinates: { coordinates: [longitude, latitude] } } });
  assert(matches("bounding_box:[-0.1 -0.1 0.1 0.1]", at(0.05, -0.05)));
  assert(matches("bounding_box:[-0.1 -0.1 0.1 0.1]", at(-0.1, 0.1)));
  assert(matches("bounding_box:[-180 -17 -179.9 -16.9]", at(-180, -16.95)));
  assert(matches("bounding_box:[-60 89.9 60 90]", at(33.3, 89.95)));
  assert(!matches("bounding_box:[-0.1 -0.1 0.1 0.1]", at(0.11, 0)));
});

Deno.test("a language is X's code, Hebrew and Indonesian by their old ones as well", () => {
  const tweet = sent({ text: "shalom", lang: "iw" });
  assertEquals(matchesOf(["shalom lang:he", "shalom lang:IW", "shalom lang:en", "shalom -lang:he"], tweet), [
    "shalom lang:he",
    "shalom lang:IW",
  ]);
  assertEquals(matchesOf(["kopi lang:id"], sent({ text: "kopi", lang: "in" })), ["kopi lang:id"]);
});

Deno.test("words side by side must all be there, of alternatives one, and what is negated not", () => {
  const tweet = saying("one two three");
  const found = ["one two", "four OR three", "one -four", "(four OR two) (one OR five) -six", "four five OR three one"];
  assertEquals(matchesOf(found, tweet), found);
  assertEquals(
    matchesOf(["one four", "four OR five", "one -two", "(four OR five) one", "four OR three five"], tweet),
    [],
  );
});

Deno.test("each query is named once, however many of its words are there", () => {
  const queries = [{ value: "one OR two OR one" }, { value: "three" }, { value: '"one two" OR #tag OR one' }];
  const matcher = new Matcher(queries);
  assertEquals(matcher.size, 3);
  for (let time = 0; time < 2; time++) {
    assertEquals(new Set(matcher.match(saying("two one two one"))), new Set([queries[0], queries[2]]));
  }
});

Deno.test("what only X can decide is not taken", () => {
  for (const value of ["url:deno", "deno has:links", "deno is:verified", "deno sample:10", "bounding_box:[1 2]", ""]) {
    assertThrows(() => new Matcher([{ value }]), RangeError);
  }
});
