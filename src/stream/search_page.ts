/**
 * Takes a page of search apart into tweets as the stream sends them: each with only those of the page's `includes` that
 * belong to it. Pure; what does not have the expected form is left out.
 *
 * Source: docs.x.com, Fundamentals: Expansions.
 */

import { isObject, type JsonObject, type JsonValue } from "../model/json.ts";

/** Included objects, by kind and by id. */
type Included = ReadonlyMap<string, ReadonlyMap<string, JsonObject>>;

/** The tweets of a page, in its order. */
export function tweetsOnPage({ data, includes }: JsonObject): JsonObject[] {
  const included: Included = new Map(
    Object.entries(isObject(includes) ? includes : {}).map(([kind, list]) => [kind, byId(kind, objectsIn(list))]),
  );
  return objectsIn(data).map((tweet) => {
    const found = new Map<string, Set<JsonObject>>();
    collect(tweet, included, found);
    const own = Object.fromEntries([...found].map(([kind, objects]) => [kind, [...objects]]));
    return { data: tweet, ...(found.size > 0 ? { includes: own } : {}) };
  });
}

/** Gathers what a tweet refers to, and what that refers to in turn. */
function collect(tweet: JsonObject, included: Included, found: Map<string, Set<JsonObject>>): void {
  for (const [kind, ids] of Object.entries(references(tweet))) {
    for (const id of ids) {
      const object = included.get(kind)?.get(id);
      if (!object || found.get(kind)?.has(object)) continue;
      found.set(kind, (found.get(kind) ?? new Set()).add(object));
      if (kind === "tweets") collect(object, included, found);
    }
  }
}

/** The ids that a tweet names, by the kind of what they are; users also by their names. */
function references(tweet: JsonObject): Record<string, string[]> {
  const attachments = asObject(tweet["attachments"]);
  const mentions = [tweet, asObject(tweet["note_tweet"])].flatMap((text) =>
    objectsIn(asObject(text["entities"])["mentions"])
  );
  return {
    tweets: [
      ...objectsIn(tweet["referenced_tweets"]).flatMap((referenced) => idsIn(referenced["id"])),
      ...idsIn(tweet["edit_history_tweet_ids"]).filter((id) => id !== tweet["id"]),
    ],
    users: [
      ...idsIn(tweet["author_id"]),
      ...idsIn(tweet["in_reply_to_user_id"]),
      ...mentions.flatMap(({ id, username }) => [...idsIn(id), ...idsIn(username).map(byName)]),
    ],
    media: idsIn(attachments["media_keys"]),
    polls: idsIn(attachments["poll_ids"]),
    places: idsIn(asObject(tweet["geo"])["place_id"]),
  };
}

/** Objects by what they are referred to by. */
function byId(kind: string, objects: readonly JsonObject[]): Map<string, JsonObject> {
  const found = new Map<string, JsonObject>();
  for (const object of objects) {
    for (const id of idsIn(object[kind === "media" ? "media_key" : "id"])) found.set(id, object);
    if (kind === "users") { for (const name of idsIn(object["username"])) found.set(byName(name), object); }
  }
  return found;
}

/** Told apart from an id: a name may be a number. A mention is written as its tweet's author liked. */
function byName(username: string): string {
  return `@${username.toLowerCase()}`;
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function objectsIn(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function idsIn(value: JsonValue | undefined): string[] {
  return [value].flat().filter((id): id is string => typeof id === "string");
}
