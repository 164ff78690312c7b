import { assert, assertEquals } from "@std/assert";
import { nearestName } from "../../../src/model/nearest_name.ts";
import { nearestOperator, operatorOf } from "../../../src/model/operators.ts";

/** What is wrong with `operator:value`, and what would be right; undefined when nothing is. */
function wrong(operator: string, value: string): string | undefined {
  const fault = operatorOf(operator)!.check(value);
  return fault && `${fault.says} | ${"value" in fault ? fault.value : fault.instead}`;
}

Deno.test("which operators may stand alone, under each of their names", () => {
  const standalone =
    "from to retweets_of retweets_of_user from_affiliate_of to_affiliate_of url context entity conversation_id bio " +
    "user_bio bio_name bio_location user_bio_location place place_country point_radius bounding_box " +
    "geo_bounding_box embedding";
  const conjunction =
    "is has lang sample url_title url_description url_contains source followers_count min_followers tweets_count " +
    "statuses_count following_count friends_count listed_count user_in_lists_count in_reply_to_tweet_id " +
    "in_reply_to_status_id retweets_of_tweet_id retweets_of_status_id embedding_threshold";
  for (const name of standalone.split(" ")) assertEquals(operatorOf(name)?.isStandalone, true, name);
  for (const name of conjunction.split(" ")) assertEquals(operatorOf(name)?.isStandalone, false, name);
  for (const name of ["contains", "profile_country", "constructor", "__proto__", ""]) {
    assertEquals(operatorOf(name), undefined);
  }
});

Deno.test("an alias has the name of what it stands for", () => {
  assertEquals(operatorOf("retweets_of_user")?.name, "retweets_of");
  assertEquals(operatorOf("friends_count")?.name, "following_count");
  assertEquals(operatorOf("geo_bounding_box")?.name, "bounding_box");
});

const SOUND: Readonly<Record<string, readonly string[]>> = {
  from: ["nasa", "NASA_1", "a", "11348282", "1234567890123456789"],
  lang: ["en", "EN", "zh", "und", "qme", "in"],
  is: ["retweet", "Reply", "quote", "verified"],
  has: ["links", "media_link", "videos", "geo"],
  sample: ["1", "10", "100"],
  followers_count: ["0", "100", "100..500"],
  context: ["10.799022225751871488", "47.*", "*.799022225751871488"],
  conversation_id: ["1334987486343299072"],
  place_country: ["US", "us"],
  embedding_threshold: ["0.5", ".7", "1", "1.0"],
  bounding_box: ["-74.1 40.6 -73.8 40.9", "-74.1,40.6,-73.8,40.9", "179.9 -0.1 180 0.1", "0 89.9 100 90"],
  point_radius: ["-73.9 40.7 24.9mi", "2.35 48.86 40km", "2.35,48.86,.5km"],
};

const UNSOUND: Readonly<Record<string, readonly string[]>> = {
  from: ["", "a b", "böse", "a_name_that_is_too_long", "@", "nasa,esa"],
  lang: ["english", "xx", "e"],
  is: ["retweets", ""],
  has: ["link", "symbols"],
  sample: ["0", "101", "10.5", "-1", "010"],
  followers_count: ["-1", "1k", "5..", "..5", "1.5"],
  context: ["10", "10.", "a.b"],
  conversation_id: ["12345678901234567890", "x"],
  place_country: ["USA", "U"],
  embedding_threshold: ["1.1", "2", "x"],
  bounding_box: ["", "1 2 3", "1 2 3 4 5", "a b c d", "1e1 2 3 4", "3 1 2 4", "1 4 2 3", "0 0 0.5 0.1", "0 0 0.1 0.5"],
  point_radius: ["1 2", "1 2 3", "1 2 0mi", "1 2 25mi", "1 2 41km", "181 2 1mi", "1 2 3 4mi"],
};

for (const [operator, values] of Object.entries(SOUND)) {
  Deno.test(`${operator}: takes ${values.join(" | ")}`, () => {
    for (const value of values) assertEquals(wrong(operator, value), undefined, value);
  });
}

for (const [operator, values] of Object.entries(UNSOUND)) {
  Deno.test(`${operator}: does not take ${values.join(" | ")}`, () => {
    for (const value of values) assert(wrong(operator, value), value);
  });
}

Deno.test("a wrong value is told with the right one where that can be known", () => {
  assertEquals(wrong("has", "link"), '"link" is no value for it | links');
  assertEquals(wrong("is", "xyz"), '"xyz" is no value for it | one of retweet, reply, quote, verified, nullcast');
  assertEquals(wrong("from", "@nasa"), "an account's name stands without its @ | nasa");
  assertEquals(
    wrong("lang", "english"),
    'X knows no language "english" | a code of two letters such as en, or und for none',
  );
});

Deno.test("a box of 25 miles or more is told with the tiles that it takes", () => {
  assertEquals(
    wrong("bounding_box", "-74.1 40 -73 41"),
    "the box is 59 by 70 miles large, X takes sides of less than 25 miles | " +
      "a geo rule, which is cut into 9 tiles, or place_country: or place:",
  );
  assertEquals(
    wrong("bounding_box", "-180 -90 180 90")?.split(",")[0],
    "the box is 24874 by 12437 miles large",
  );
});

Deno.test("coordinates that are swapped or out of range", () => {
  const order = "the order is west,south,east,north";
  assertEquals(
    wrong("bounding_box", "37.6 -122.5 37.8 -122.3"),
    `a latitude lies beyond 90 degrees: latitude and longitude are swapped; ${order} | ` +
      "[west south east north], in degrees",
  );
  assertEquals(
    wrong("bounding_box", "-200 95 -190 96")?.split(" | ")[0],
    `a latitude lies beyond 90 degrees; ${order}`,
  );
  assertEquals(wrong("bounding_box", "-200 5 -190 6")?.split(" | ")[0], "a longitude lies beyond 180 degrees");
  assertEquals(
    wrong("point_radius", "40.7 -122.5 10mi"),
    "its latitude lies beyond 90 degrees | [longitude latitude radius], longitude first",
  );
});

Deno.test("the nearest name is one that a slip of the fingers away", () => {
  assertEquals(nearestOperator("form"), "from");
  assertEquals(nearestOperator("retweet_of"), "retweets_of");
  assertEquals(nearestOperator("point_raduis"), "point_radius");
  assertEquals(nearestOperator("hashtag"), undefined);
  assertEquals(nearestName("TRAPTOR_SNIK", ["TRAPTOR_SINK", "TRAPTOR_TYPE"]), "TRAPTOR_SINK");
  assertEquals(nearestName("", ["is"]), undefined);
  assertEquals(nearestName("x".repeat(100_000), ["from", "to"]), undefined);
});
