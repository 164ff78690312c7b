/**
 * What a query can find in a tweet, read from the JSON that X sent: `data` and `includes`. Whatever is missing there is
 * simply not found; nothing in it makes this throw.
 *
 * Source: docs.x.com, Filtered stream: Matching returned posts, and Operators: a retweet is matched on the retweeted
 * text, a quote on itself and on what it quotes, both on whole long texts (`note_tweet`); words are what lies between
 * punctuation, symbols and separators, whatever their case, in texts and in the addresses of links.
 */

import { isObject, type JsonObject, type JsonValue } from "../model/json.ts";
import { wordsOf } from "./words.ts";

/** X's own shortened addresses stand for links that the entities tell in full. */
const SHORTENED = /https?:\/\/t\.co\/\w+/;
const ESCAPES: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** A language as X codes it in tweets: Hebrew and Indonesian by their former codes. */
export function languageCode(code: string): string {
  const lower = code.toLowerCase();
  return lower === "he" ? "iw" : lower === "id" ? "in" : lower;
}

/** A point (longitude, latitude) or the corners of a place. */
export interface Whereabouts {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** An account, by its id and, where X sent it, its name in lower case. */
export interface Account {
  readonly id: string | undefined;
  readonly name: string | undefined;
}

export class Content {
  readonly #data: JsonObject;
  readonly #includes: JsonObject;
  /** What the text operators look at: the tweet or the retweeted one, and the quoted one. */
  readonly #sources: JsonObject[];
  readonly isRetweet: boolean;
  readonly isQuote: boolean;
  readonly isReply: boolean;
  #texts: string[][] | undefined;
  #words: Set<string> | undefined;

  constructor(message: JsonObject) {
    this.#data = isObject(message["data"]) ? message["data"] : {};
    this.#includes = isObject(message["includes"]) ? message["includes"] : {};
    const retweeted = referenceIn(this.#data, "retweeted");
    this.isRetweet = retweeted !== undefined;
    const base = this.#tweet(retweeted) ?? this.#data;
    const quoted = referenceIn(base, "quoted");
    const quotedTweet = this.#tweet(quoted);
    this.#sources = quotedTweet ? [base, quotedTweet] : [base];
    this.isQuote = quoted !== undefined || referenceIn(this.#data, "quoted") !== undefined;
    this.isReply = [this.#data, ...this.#sources].some((source) => referenceIn(source, "replied_to") !== undefined);
  }

  /** The words of each text and of each address, in order. */
  get texts(): readonly (readonly string[])[] {
    if (this.#texts) return this.#texts;
    this.#texts = [];
    for (const source of this.#sources) {
      // Words on both sides of a link are no phrase.
      for (const part of plainText(source).split(SHORTENED)) this.#texts.push(wordsOf(part));
      for (const url of entitiesIn(source, "urls")) {
        const { expanded_url, unwound_url, display_url } = url;
        for (const address of new Set([expanded_url, unwound_url, display_url])) {
          // An address that is shown shortened ends in the middle of a word.
          if (typeof address === "string" && !address.endsWith("…")) this.#texts.push(wordsOf(address));
        }
      }
    }
    return this.#texts;
  }

  /** All words. */
  get words(): ReadonlySet<string> {
    if (this.#words) return this.#words;
    const words = new Set<string>();
    for (const text of this.texts) for (const word of text) words.add(word);
    return this.#words = words;
  }

  /** Hashtags or cashtags, in lower case and without their sign. */
  tags(kind: "hashtags" | "cashtags"): ReadonlySet<string> {
    return this.#cached(kind, () => {
      const tags = new Set<string>();
      for (const source of this.#sources) {
        for (const { tag } of entitiesIn(source, kind)) if (typeof tag === "string") tags.add(tag.toLowerCase());
      }
      return tags;
    });
  }

  /** Names and ids of the accounts that are mentioned. */
  get mentions(): ReadonlySet<string> {
    return this.#cached("mentions", () => {
      const mentions = new Set<string>();
      for (const source of this.#sources) {
        for (const { username, id } of entitiesIn(source, "mentions")) {
          if (typeof username === "string") mentions.add(username.toLowerCase());
          if (typeof id === "string") mentions.add(id);
        }
      }
      return mentions;
    });
  }

  readonly #cache = new Map<string, ReadonlySet<string>>();

  #cached(name: string, make: () => ReadonlySet<string>): ReadonlySet<string> {
    let value = this.#cache.get(name);
    if (!value) this.#cache.set(name, value = make());
    return value;
  }

  get author(): Account {
    return this.#account(this.#data["author_id"]);
  }

  /** Whom it answers. */
  get repliedTo(): Account {
    return this.#account(this.#data["in_reply_to_user_id"]);
  }

  /** Whose tweet it repeats; nobody's when it is no retweet. */
  get retweetedFrom(): Account {
    if (!this.isRetweet) return NOBODY;
    return this.#account(this.#tweet(referenceIn(this.#data, "retweeted"))?.["author_id"]);
  }

  get language(): string | undefined {
    const code = textIn(this.#data, "lang");
    return code === undefined ? undefined : languageCode(code);
  }

  get conversationId(): string | undefined {
    return textIn(this.#data, "conversation_id");
  }

  get repliedToTweet(): string | undefined {
    return referenceIn(this.#data, "replied_to");
  }

  get retweetedTweet(): string | undefined {
    return referenceIn(this.#data, "retweeted");
  }

  /** The country of its place, in lower case; a retweet has none. */
  get country(): string | undefined {
    const place = this.#place();
    return place && textIn(place, "country_code")?.toLowerCase();
  }

  /** Where it was sent from: exact coordinates, or else the box around its place; a retweet has none. */
  get whereabouts(): Whereabouts | undefined {
    if (this.isRetweet) return undefined;
    const geo = this.#data["geo"];
    const exact = isObject(geo) && isObject(geo["coordinates"]) ? geo["coordinates"]["coordinates"] : undefined;
    if (Array.isArray(exact)) {
      const [longitude, latitude] = exact;
      if (typeof longitude !== "number" || typeof latitude !== "number") return undefined;
      return { west: longitude, east: longitude, south: latitude, north: latitude };
    }
    const area = this.#place()?.["geo"];
    const corners = isObject(area) ? area["bbox"] : undefined;
    if (!Array.isArray(corners) || !corners.every((corner) => typeof corner === "number")) return undefined;
    const [west, south, east, north] = corners;
    return north === undefined ? undefined : { west: west!, south: south!, east: east!, north };
  }

  #place(): JsonObject | undefined {
    if (this.isRetweet) return undefined;
    const geo = this.#data["geo"];
    return isObject(geo) ? this.#included("places", geo["place_id"]) : undefined;
  }

  #account(id: JsonValue | undefined): Account {
    if (typeof id !== "string") return NOBODY;
    const user = this.#included("users", id);
    return { id, name: user && textIn(user, "username")?.toLowerCase() };
  }

  #tweet(id: string | undefined): JsonObject | undefined {
    return id === undefined ? undefined : this.#included("tweets", id);
  }

  #included(list: "tweets" | "users" | "places", id: JsonValue | undefined): JsonObject | undefined {
    const entries = this.#includes[list];
    if (id === undefined || !Array.isArray(entries)) return undefined;
    return entries.find((entry): entry is JsonObject => isObject(entry) && entry["id"] === id);
  }
}

const NOBODY: Account = { id: undefined, name: undefined };

/** The whole text of a tweet, without X's escapes. */
function plainText(tweet: JsonObject): string {
  const note = tweet["note_tweet"];
  const text = (isObject(note) ? textIn(note, "text") : undefined) ?? textIn(tweet, "text") ?? "";
  return text.includes("&") ? text.replace(/&(amp|lt|gt);/g, (escape) => ESCAPES[escape]!) : text;
}

function entitiesIn(tweet: JsonObject, kind: string): JsonObject[] {
  const note = tweet["note_tweet"];
  const whole = isObject(note) && isObject(note["entities"]) ? note["entities"] : tweet["entities"];
  const list = isObject(whole) ? whole[kind] : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** The id of the tweet that this one retweets, quotes or answers. */
function referenceIn(tweet: JsonObject, type: "retweeted" | "quoted" | "replied_to"): string | undefined {
  const references = tweet["referenced_tweets"];
  if (!Array.isArray(references)) return undefined;
  const found = references.find((reference) => isObject(reference) && reference["type"] === type);
  return isObject(found) ? textIn(found, "id") : undefined;
}

function textIn(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === "string" ? value : undefined;
}
