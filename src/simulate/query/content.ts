/**
 * What a query can find in a tweet. Source: docs.x.com, Filtered stream: Matching returned posts, Operators: a retweet
 * is matched on the retweeted text, a quote on itself and on what it quotes, both on whole long texts; links on where
 * they lead; words are what lies between punctuation, symbols and separators, whatever their case.
 */

import type { UrlEntity, User, WorldTweet } from "../world/types.ts";

const WORDS = /[\p{L}\p{M}\p{N}]+/gu;

/** The words of a text, in lower case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORDS) ?? [];
}

/** A text whose Latin letters have lost their accents. */
export function withoutAccents(text: string): string {
  return text.normalize("NFD").replace(/(\p{Script=Latin})\p{Mn}+/gu, "$1").normalize("NFC");
}

/** Whether a text is in a script that sets no spaces between words. */
export function isUnspaced(text: string): boolean {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(text);
}

/** Tells whether a tweet's content is what was looked for. */
export type Matcher = (content: Content) => boolean;

export interface ContentOptions {
  /** Recent search looks at the quote alone. */
  readonly withQuoted: boolean;
  /** Recent search takes letters with and without accents for the same. */
  readonly foldsAccents: boolean;
}

const OF_THE_STREAM: ContentOptions = { withQuoted: true, foldsAccents: false };

export class Content {
  readonly tweet: WorldTweet;
  /** What the text operators look at: the tweet or the retweeted one, and the quoted one. */
  readonly sources: readonly WorldTweet[];
  readonly hashtags = new Set<string>();
  readonly cashtags = new Set<string>();
  readonly mentions: User[] = [];
  readonly urls: UrlEntity[] = [];
  readonly #foldsAccents: boolean;
  #texts: string[][] | undefined;
  #words: Set<string> | undefined;

  constructor(tweet: WorldTweet, options = OF_THE_STREAM) {
    this.tweet = tweet;
    this.#foldsAccents = options.foldsAccents;
    const base = tweet.retweeted ?? tweet;
    this.sources = base.quoted && options.withQuoted ? [base, base.quoted] : [base];
    for (const source of this.sources) {
      const entities = source.tweet.note_tweet?.entities ?? source.tweet.entities;
      for (const { tag } of entities?.hashtags ?? []) this.hashtags.add(tag.toLowerCase());
      for (const { tag } of entities?.cashtags ?? []) this.cashtags.add(tag.toLowerCase());
      if (entities?.urls) this.urls.push(...entities.urls);
      this.mentions.push(...source.mentioned);
    }
  }

  /** The words of each text, and of each address, in order. */
  get texts(): readonly (readonly string[])[] {
    return this.#texts ??= [
      ...this.sources.map(({ plainText }) => wordsOf(this.#foldsAccents ? withoutAccents(plainText) : plainText)),
      ...this.urls.map((url) => wordsOf(url.expanded_url)),
    ];
  }

  /** All words. */
  get words(): ReadonlySet<string> {
    return this.#words ??= new Set(this.texts.flat());
  }
}
