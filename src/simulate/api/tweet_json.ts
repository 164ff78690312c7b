/**
 * Writes tweets as X sends them: the fields and expansions that were asked for and no others, members in X's order
 * (`data`, `includes`, `errors`). Users and places are written once for each selection, for they come again and again.
 */

import type { WorldTweet } from "../world/types.ts";
import { PRIVATE_FIELDS } from "./field_names.ts";
import type { Selection } from "./parameters.ts";

/** The lists of `includes`, each entry JSON by its id. */
interface Includes {
  readonly users: Map<string, string>;
  readonly tweets: Map<string, string>;
  readonly places: Map<string, string>;
  readonly media: Map<string, string>;
  readonly polls: Map<string, string>;
}

export class TweetJson {
  readonly #selection: Selection;
  readonly #expansions: ReadonlySet<string>;
  readonly #privateFields: readonly string[];
  readonly #cache = new WeakMap<object, string>();

  constructor(selection: Selection) {
    this.#selection = selection;
    this.#expansions = new Set(selection.expansions);
    this.#privateFields = selection["tweet.fields"].filter((name) => PRIVATE_FIELDS.includes(name));
  }

  /** One tweet as a message begins, without the closing brace: `{"data":{..},"includes":{..}`. */
  message(tweet: WorldTweet): string {
    const includes = noIncludes();
    this.#include(tweet, includes);
    const errors = this.#errors(tweet);
    const tail = errors.length > 0 ? `,"errors":${JSON.stringify(errors)}` : "";
    return `{"data":${this.#tweet(tweet)}${includesJson(includes)}${tail}`;
  }

  /** Several tweets as a page begins, without the closing brace: `{"data":[..],"includes":{..}`. */
  page(tweets: readonly WorldTweet[]): string {
    const includes = noIncludes();
    for (const tweet of tweets) this.#include(tweet, includes);
    const errors = tweets.flatMap((tweet) => this.#errors(tweet));
    const tail = errors.length > 0 ? `,"errors":${JSON.stringify(errors)}` : "";
    return `{"data":[${tweets.map((tweet) => this.#tweet(tweet)).join(",")}]${includesJson(includes)}${tail}`;
  }

  /** A user alone. */
  user(user: WorldTweet["author"]): string {
    return this.#cached(user, "user.fields");
  }

  #tweet(tweet: WorldTweet): string {
    return JSON.stringify(picked(tweet.tweet, this.#selection["tweet.fields"]));
  }

  #include(tweet: WorldTweet, includes: Includes): void {
    const asked = this.#expansions;
    const user = (person: WorldTweet["author"]) => includes.users.set(person.id, this.#cached(person, "user.fields"));
    if (asked.has("author_id")) user(tweet.author);
    if (asked.has("in_reply_to_user_id") && tweet.repliedTo) user(tweet.repliedTo);
    if (asked.has("entities.mentions.username")) tweet.mentioned.forEach(user);
    if (asked.has("geo.place_id") && tweet.place) {
      includes.places.set(tweet.place.id, JSON.stringify(picked(tweet.place, this.#selection["place.fields"])));
    }
    if (asked.has("attachments.media_keys")) this.#includeMedia(tweet, includes);
    if (asked.has("attachments.poll_ids") && tweet.poll) {
      includes.polls.set(tweet.poll.id, JSON.stringify(picked(tweet.poll, this.#selection["poll.fields"])));
    }
    for (const other of [tweet.retweeted, tweet.quoted, tweet.answered]) {
      if (!other) continue;
      const isIncluded = asked.has("referenced_tweets.id") || asked.has("referenced_tweets.id.author_id");
      if (isIncluded) includes.tweets.set(other.tweet.id, this.#tweet(other));
      if (asked.has("referenced_tweets.id.author_id")) user(other.author);
      if (asked.has("referenced_tweets.id.attachments.media_keys")) this.#includeMedia(other, includes);
    }
  }

  #includeMedia(tweet: WorldTweet, { media }: Includes): void {
    for (const item of tweet.media) {
      media.set(item.media_key, JSON.stringify(picked(item, this.#selection["media.fields"])));
    }
  }

  /** What X could not show beside the tweet. */
  #errors({ tweet, answered }: WorldTweet): unknown[] {
    const errors: unknown[] = this.#privateFields.map((field) => ({
      resource_id: tweet.id,
      resource_type: "tweet",
      field,
      section: "data",
      title: "Field Authorization Error",
      detail: `Sorry, you are not authorized to access '${field}' on the Tweet with id: [${tweet.id}].`,
      type: "https://api.twitter.com/2/problems/not-authorized-for-field",
    }));
    const reference = tweet.referenced_tweets?.find(({ type }) => type === "replied_to");
    if (reference && !answered && this.#expansions.has("referenced_tweets.id")) {
      errors.push({
        value: reference.id,
        resource_id: reference.id,
        resource_type: "tweet",
        parameter: "referenced_tweets.id",
        title: "Not Found Error",
        detail: `Could not find tweet with referenced_tweets.id: [${reference.id}].`,
        type: "https://api.twitter.com/2/problems/resource-not-found",
      });
    }
    return errors;
  }

  #cached(object: object, parameter: "user.fields"): string {
    let text = this.#cache.get(object);
    if (text === undefined) {
      text = JSON.stringify(picked(object, this.#selection[parameter]));
      this.#cache.set(object, text);
    }
    return text;
  }
}

function noIncludes(): Includes {
  return { users: new Map(), tweets: new Map(), places: new Map(), media: new Map(), polls: new Map() };
}

function includesJson(includes: Includes): string {
  const lists = Object.entries(includes)
    .filter(([, entries]) => entries.size > 0)
    .map(([name, entries]) => `"${name}":[${[...entries.values()].join(",")}]`);
  return lists.length > 0 ? `,"includes":{${lists.join(",")}}` : "";
}

function picked(object: object, names: readonly string[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const name of names) {
    const value = (object as Record<string, unknown>)[name];
    if (value !== undefined) result[name] = value;
  }
  return result;
}
