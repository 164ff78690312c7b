/** What a tweet is to be about, so that one rule has a good chance to match it. */

/** Something that a tweet has or has not, as `has:` and `is:` name it. */
export type Feature =
  | "hashtags"
  | "cashtags"
  | "links"
  | "mentions"
  | "media"
  | "images"
  | "videos"
  | "geo"
  | "retweet"
  | "reply"
  | "quote"
  | "verified";

export interface Topic {
  /** Words, phrases and emoji that go into the text as they are. */
  readonly words: readonly string[];
  readonly hashtags: readonly string[];
  readonly cashtags: readonly string[];
  /** Usernames to mention. */
  readonly mentions: readonly string[];
  /** Addresses, or parts of them, to link to. */
  readonly links: readonly string[];
  /** A username or numeric id: who writes, who is answered, who is retweeted. */
  readonly from?: string;
  readonly to?: string;
  readonly retweetOf?: string;
  readonly language?: string;
  readonly countryCode?: string;
  readonly placeName?: string;
  /** West, south, east, north, in degrees. */
  readonly area?: readonly [number, number, number, number];
  readonly has: ReadonlySet<Feature>;
  readonly hasNot: ReadonlySet<Feature>;
}

export const NO_TOPIC: Topic = {
  words: [],
  hashtags: [],
  cashtags: [],
  mentions: [],
  links: [],
  has: new Set(),
  hasNot: new Set(),
};
