/** What each operator of X's language looks at. Source: docs.x.com, Filtered stream: Operators. */

import { hashText } from "../random.ts";
import type { User, WorldTweet } from "../world/types.ts";
import { isUnspaced, type Matcher, wordsOf } from "./content.ts";
import { milesBetween, readBox, readCircle } from "./operators.ts";
import type { Term } from "./syntax.ts";

const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u;
/** What joins the emoji before or after it to one that is another. */
const JOINS_AFTER = /^[\u200d\u20e3\p{Emoji_Modifier}]/u;

/** A function that tells whether a tweet's content has the term. */
export function matchTerm(term: Term): Matcher {
  const { operator, value } = term;
  const lower = value.toLowerCase();
  switch (operator) {
    case "keyword":
    case "phrase":
      return matchText(term);
    case "#":
      return (content) => content.hashtags.has(lower);
    case "$":
      return (content) => content.cashtags.has(lower);
    case "@":
      return (content) => content.mentions.some((user) => is(user, lower));
    case "from":
      return ({ tweet }) => is(tweet.author, lower);
    case "to":
      return ({ tweet }) => tweet.repliedTo !== undefined && is(tweet.repliedTo, lower);
    case "retweets_of":
      return ({ tweet }) => tweet.retweeted !== undefined && is(tweet.retweeted.author, lower);
    case "retweets_of_tweet_id":
      return ({ tweet }) => tweet.retweeted?.tweet.id === value;
    case "in_reply_to_tweet_id":
      return ({ tweet }) =>
        tweet.tweet.referenced_tweets?.some(({ id, type }) => type === "replied_to" && id === value) ?? false;
    case "conversation_id":
      return ({ tweet }) => tweet.tweet.conversation_id === value;
    case "lang":
      return ({ tweet }) => tweet.tweet.lang === (lower === "he" ? "iw" : lower);
    case "is":
      return matchIs(lower);
    case "has":
      return matchHas(lower);
    case "source":
      return ({ tweet }) => tweet.tweet.source.toLowerCase() === lower;
    case "url":
    case "url_contains":
      return matchUrl(lower);
    case "url_title":
      return (content) => content.urls.some(({ title }) => containsWords(wordsOf(title ?? ""), wordsOf(value)));
    case "url_description":
      return (content) => content.urls.some((url) => containsWords(wordsOf(url.description ?? ""), wordsOf(value)));
    case "place":
      return atPlace((place) => [place.name, place.full_name, place.id].some((name) => name.toLowerCase() === lower));
    case "place_country":
      return atPlace((place) => place.country_code.toLowerCase() === lower);
    case "bounding_box":
    case "point_radius":
      return matchArea(term);
    case "bio":
      return ({ tweet }) => containsWords(wordsOf(tweet.author.description), wordsOf(value));
    case "bio_name":
      return ({ tweet }) => containsWords(wordsOf(tweet.author.name), wordsOf(value));
    case "bio_location":
      return ({ tweet }) => containsWords(wordsOf(tweet.author.location ?? ""), wordsOf(value));
    case "followers_count":
      return counted(value, (user) => user.public_metrics.followers_count);
    case "following_count":
      return counted(value, (user) => user.public_metrics.following_count);
    case "tweets_count":
      return counted(value, (user) => user.public_metrics.tweet_count);
    case "listed_count":
      return counted(value, (user) => user.public_metrics.listed_count);
    case "sample":
      return ({ tweet }) => hashText(tweet.tweet.id) % 100 < Number(value);
    case "context":
      return matchContext(value);
    default:
      return () => false; // affiliates and entities: the world has none
  }
}

function is(user: User, reference: string): boolean {
  return user.id === reference || user.username.toLowerCase() === reference;
}

function matchText(term: Term): Matcher {
  const { value, distance } = term;
  const words = wordsOf(value);
  if (EMOJI.test(value) && words.length === 0) {
    return (content) => content.sources.some((tweet) => hasEmoji(tweet, value));
  }
  // X has published nothing on words of scripts without spaces; here they are found wherever they stand.
  if (isUnspaced(value)) {
    const lower = value.toLowerCase();
    return (content) => content.sources.some((source) => source.plainText.toLowerCase().includes(lower));
  }
  if (distance !== undefined) return (content) => content.texts.some((text) => areNear(text, words, distance));
  const [only] = words;
  if (words.length === 1 && only !== undefined) return (content) => content.words.has(only);
  return (content) =>
    words.every((word) => content.words.has(word)) && content.texts.some((text) => containsWords(text, words));
}

/** Whether the emoji stands there by itself, not as a part of a joined one; variation selectors do not count. */
function hasEmoji(tweet: WorldTweet, emoji: string): boolean {
  const [text, wanted] = [tweet.plainText, emoji].map((part) => part.replaceAll("\ufe0f", "")) as [string, string];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (!JOINS_AFTER.test(text.slice(at + wanted.length)) && text[at - 1] !== "\u200d") return true;
  }
  return false;
}

function containsWords(text: readonly string[], words: readonly string[]): boolean {
  if (words.length === 0) return false;
  for (let at = 0; at + words.length <= text.length; at++) {
    if (words.every((word, offset) => text[at + offset] === word)) return true;
  }
  return false;
}

/** In order at most `distance` words between them, the other way round two less. */
function areNear(text: readonly string[], words: readonly string[], distance: number): boolean {
  const [first, last] = [words[0], words.at(-1)];
  return text.some((word, at) =>
    word === first && text.some((other, place) => {
      if (other !== last || place === at) return false;
      return place > at ? place - at - 1 <= distance : at - place - 1 <= distance - 2;
    }) && words.every((wanted) => text.includes(wanted))
  );
}

function matchUrl(lower: string): Matcher {
  const isWhole = /^https?:\/\//.test(lower);
  const words = wordsOf(lower);
  return (content) =>
    content.urls.some((url) => {
      const addresses = [url.url, url.expanded_url, url.unwound_url ?? ""].map((address) => address.toLowerCase());
      return addresses.some((address) => isWhole ? address.startsWith(lower) : containsWords(wordsOf(address), words));
    });
}

function matchIs(value: string): Matcher {
  switch (value) {
    case "retweet":
      return ({ tweet }) => tweet.retweeted !== undefined;
    case "quote":
      return ({ tweet, sources }) => tweet.quoted !== undefined || sources[0]?.quoted !== undefined;
    case "reply":
      return ({ tweet, sources }) => [tweet, ...sources].some(({ repliedTo }) => repliedTo !== undefined);
    case "verified":
      return ({ tweet }) => tweet.author.verified;
    default:
      return () => false; // promoted-only posts: the world has none
  }
}

function matchHas(value: string): Matcher {
  switch (value) {
    case "hashtags":
      return (content) => content.hashtags.size > 0;
    case "cashtags":
      return (content) => content.cashtags.size > 0;
    case "links":
      return (content) => content.urls.length > 0;
    case "mentions":
      return (content) => content.mentions.length > 0;
    case "images":
      return (content) => content.sources.some(({ media }) => media.some(({ type }) => type === "photo"));
    case "videos":
    case "video_link":
      return (content) => content.sources.some(({ media }) => media.some(({ type }) => type === "video"));
    case "geo":
      return ({ tweet }) => tweet.retweeted === undefined && tweet.place !== undefined;
    default:
      return (content) => content.sources.some(({ media }) => media.length > 0);
  }
}

function matchContext(value: string): Matcher {
  const [domain, entity] = value.split(".");
  return ({ sources }) =>
    sources.some(({ tweet }) =>
      tweet.context_annotations?.some((annotation) =>
        (domain === "*" || annotation.domain.id === domain) && (entity === "*" || annotation.entity.id === entity)
      )
    );
}

/** Places match a tweet's own place alone, never that of what it retweets or quotes. */
function atPlace(test: (place: NonNullable<WorldTweet["place"]>) => boolean): Matcher {
  return ({ tweet }) => tweet.retweeted === undefined && tweet.place !== undefined && test(tweet.place);
}

/** Exact coordinates within the area, or else a place that lies completely within it. */
function matchArea({ operator, value }: Term): Matcher {
  const isWithin = operator === "bounding_box" ? inBox(value) : inCircle(value);
  return ({ tweet }) => {
    if (tweet.retweeted !== undefined) return false;
    const point = tweet.tweet.geo?.coordinates?.coordinates;
    if (point) return isWithin(point[0], point[1]);
    if (!tweet.place) return false;
    const [west, south, east, north] = tweet.place.geo.bbox;
    return isWithin(west, south) && isWithin(west, north) && isWithin(east, south) && isWithin(east, north);
  };
}

function inBox(value: string): (longitude: number, latitude: number) => boolean {
  const [west, south, east, north] = readBox(value) ?? [0, 0, 0, 0];
  return (longitude, latitude) => longitude >= west && longitude <= east && latitude >= south && latitude <= north;
}

function inCircle(value: string): (longitude: number, latitude: number) => boolean {
  const circle = readCircle(value) ?? { longitude: 0, latitude: 0, miles: -1 };
  return (longitude, latitude) =>
    milesBetween([circle.longitude, circle.latitude], [longitude, latitude]) <= circle.miles;
}

function counted(value: string, read: (user: User) => number): Matcher {
  const [least = "0", most] = value.split("..");
  return ({ tweet }) =>
    read(tweet.author) >= Number(least) && (most === undefined || read(tweet.author) <= Number(most));
}
