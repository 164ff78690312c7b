/**
 * The operators of X's filtered stream: which may stand alone, which need company, and which values they take.
 *
 * Source: docs.x.com, Filtered stream: Operators. Where X does not say whether an operator may stand alone, it is
 * taken for one that may not.
 */

import { AREA_LIMIT_MILES, boxFault, boxSize, isSmallBox, readBox, readCircle, tileCount } from "./area.ts";
import { nearestName } from "./nearest_name.ts";

export interface Operator {
  /** Its one name among its aliases. */
  readonly name: string;
  /** Whether it makes a rule by itself, or only beside one that does. */
  readonly isStandalone: boolean;
  /** What is wrong with a value and what would be right, or undefined. */
  readonly check: (value: string) => ValueFault | undefined;
}

/** What is wrong with a value, and the right value or what it would look like. */
export type ValueFault = { readonly says: string } & ({ readonly value: string } | { readonly instead: string });

type Check = Operator["check"];

const LANGUAGES = new Set(
  ("am ar art bg bn bo ca ckb cs cy da de dv el en es et eu fa fi fr gu he hi ht hu hy id in is it iw ja ka km kn ko " +
    "lo lt lv ml mr my ne nl no or pa pl ps pt qam qct qht qme qst ro ru sd si sk sl sr sv ta te th tl tr ug uk und ur " +
    "vi zh zxx").split(" "),
);

const IS = ["retweet", "reply", "quote", "verified", "nullcast"];
const HAS = [
  "hashtags",
  "cashtags",
  "links",
  "mentions",
  "media",
  "media_link",
  "images",
  "video_link",
  "videos",
  "geo",
];

const anything: Check = () => undefined;

function shaped(pattern: RegExp, instead: string): Check {
  return (value) => pattern.test(value) ? undefined : { says: `"${value}" is no value for it`, instead };
}

function oneOf(words: readonly string[]): Check {
  return (value) => {
    if (words.includes(value.toLowerCase())) return undefined;
    const nearest = nearestName(value.toLowerCase(), words);
    const says = `"${value}" is no value for it`;
    return nearest === undefined ? { says, instead: `one of ${words.join(", ")}` } : { says, value: nearest };
  };
}

const account: Check = (value) => {
  if (/^(\w{1,15}|\d{1,19})$/.test(value)) return undefined;
  if (/^@\w{1,15}$/.test(value)) return { says: "an account's name stands without its @", value: value.slice(1) };
  return {
    says: `"${value}" cannot be an account`,
    instead: "a name of at most 15 letters, digits and _, or a numeric id",
  };
};

const language: Check = (value) =>
  LANGUAGES.has(value.toLowerCase())
    ? undefined
    : { says: `X knows no language "${value}"`, instead: "a code of two letters such as en, or und for none" };

const count = shaped(/^\d{1,12}(\.\.\d{1,12})?$/, "a number for at least so many, or a range such as 100..500");
const postId = shaped(/^\d{1,19}$/, "the numeric id of a post");

const box: Check = (value) => {
  const read = readBox(value);
  if (!read) return { says: "a box has four numbers", instead: "[west south east north], in degrees" };
  const fault = boxFault(read);
  if (fault !== undefined) return { says: fault, instead: "[west south east north], in degrees" };
  if (isSmallBox(read)) return undefined;
  const { width, height } = boxSize(read);
  return {
    says: `the box is ${Math.ceil(width)} by ${Math.ceil(height)} miles large, X takes sides of less than ` +
      `${AREA_LIMIT_MILES} miles`,
    instead: `a geo rule, which is cut into ${tileCount(read)} tiles, or place_country: or place:`,
  };
};

const circle: Check = (value) => {
  const read = readCircle(value);
  if (!read) return { says: "a circle has a place and a radius", instead: "[longitude latitude 10mi], or km" };
  if (Math.abs(read.latitude) > 90) {
    return { says: "its latitude lies beyond 90 degrees", instead: "[longitude latitude radius], longitude first" };
  }
  if (Math.abs(read.longitude) > 180) return { says: "its longitude lies beyond 180 degrees", instead: "-180 to 180" };
  if (read.miles > 0 && read.miles < AREA_LIMIT_MILES) return undefined;
  return { says: `its radius is not between 0 and ${AREA_LIMIT_MILES} miles`, instead: "24mi, or 40km" };
};

const STANDALONE: Readonly<Record<string, Check>> = {
  from: account,
  to: account,
  retweets_of: account,
  from_affiliate_of: account,
  to_affiliate_of: account,
  url: anything,
  context: shaped(/^(\d+|\*)\.(\d+|\*)$/, "a domain and an entity such as 10.799022225751871488, either may be *"),
  entity: anything,
  conversation_id: postId,
  bio: anything,
  bio_name: anything,
  bio_location: anything,
  place: anything,
  place_country: shaped(/^[A-Za-z]{2}$/, "a country's code of two letters such as US"),
  point_radius: circle,
  bounding_box: box,
  embedding: anything,
};

const CONJUNCTION: Readonly<Record<string, Check>> = {
  is: oneOf(IS),
  has: oneOf(HAS),
  lang: language,
  sample: shaped(/^([1-9]\d?|100)$/, "a percentage from 1 to 100"),
  url_title: anything,
  url_description: anything,
  url_contains: anything,
  source: anything,
  followers_count: count,
  tweets_count: count,
  following_count: count,
  listed_count: count,
  in_reply_to_tweet_id: postId,
  retweets_of_tweet_id: postId,
  embedding_threshold: shaped(/^(0?\.\d+|1(\.0+)?)$/, "a number from 0 to 1"),
};

const ALIASES: Readonly<Record<string, string>> = {
  retweets_of_user: "retweets_of",
  user_bio: "bio",
  user_bio_location: "bio_location",
  geo_bounding_box: "bounding_box",
  min_followers: "followers_count",
  statuses_count: "tweets_count",
  friends_count: "following_count",
  user_in_lists_count: "listed_count",
  in_reply_to_status_id: "in_reply_to_tweet_id",
  retweets_of_status_id: "retweets_of_tweet_id",
};

/** The operator of a name or an alias, in lower case; undefined when X has none of that name. */
export function operatorOf(name: string): Operator | undefined {
  const own = Object.hasOwn(ALIASES, name) ? ALIASES[name]! : name;
  if (Object.hasOwn(STANDALONE, own)) return { name: own, isStandalone: true, check: STANDALONE[own]! };
  if (Object.hasOwn(CONJUNCTION, own)) return { name: own, isStandalone: false, check: CONJUNCTION[own]! };
  return undefined;
}

/** The nearest name of an operator to one that X does not have. */
export function nearestOperator(name: string): string | undefined {
  return nearestName(name, [STANDALONE, CONJUNCTION, ALIASES].flatMap(Object.keys));
}
