/**
 * The document of a tweet: what can be searched (`elasticsearch_template.ts`), and the record, byte for byte, as its
 * last member `record`.
 */

import type { JsonObject, JsonValue } from "../model/json.ts";
import type { TweetRecord } from "../model/record.ts";
import { factsOf, includedIn, messageIn, momentIn, objectIn, objectsIn, referenceIn, textIn } from "./tweet_facts.ts";

const encoder = new TextEncoder();

const LINE_FEED = "\n".charCodeAt(0);

/** The longest id of a document, in bytes. */
const LONGEST_ID = 512;

/** The document in UTF-8, on one line; or why there can be none. It would spoil the whole request. */
export function documentOf(record: TweetRecord): Uint8Array | string {
  const message = messageIn(record);
  if (!message || record.value.includes(LINE_FEED)) return "it is no JSON object on one line";
  if (encoder.encode(record.id).length > LONGEST_ID) return "its id is longer than the server takes";
  const start = encoder.encode(`${JSON.stringify(searchedPart(message)).slice(0, -1)},"record":`);
  const document = new Uint8Array(start.length + record.value.length + 1);
  document.set(start);
  document.set(record.value, start.length);
  document[document.length - 1] = "}".charCodeAt(0);
  return document;
}

/** It is never empty, for every tweet has a text. */
function searchedPart(message: JsonObject): JsonObject {
  const facts = factsOf(message);
  const data = objectIn(message, "data");
  const traptor = objectIn(message, "traptor");
  return withoutNulls({
    created_at: facts.createdAt,
    collected_at: momentIn(traptor, "collected_at"),
    author_id: facts.authorId,
    author_username: facts.authorUsername,
    text: facts.text,
    lang: facts.lang,
    rules: facts.rules.map(({ tag, value }) => withoutNulls({ tag, value })),
    provenance: textIn(traptor, "provenance"),
    conversation_id: textIn(data, "conversation_id"),
    retweeted_id: referenceIn(data, "retweeted"),
    quoted_id: referenceIn(data, "quoted"),
    replied_to_id: referenceIn(data, "replied_to"),
    hashtags: entityTexts(data, "hashtags", "tag"),
    mentions: entityTexts(data, "mentions", "username"),
    urls: entityTexts(data, "urls", "expanded_url"),
    place: placeOf(message, data),
    point: pointOf(data),
  });
}

/** Of a long tweet those of its whole text. */
function entityTexts(data: JsonObject, kind: string, member: string): string[] {
  const note = objectIn(objectIn(data, "note_tweet"), "entities");
  const entities = objectsIn((kind in note ? note : objectIn(data, "entities"))[kind]);
  const texts = entities.map((entity) => textIn(entity, member)).filter((text) => text !== null);
  return [...new Set(texts)];
}

function placeOf(message: JsonObject, data: JsonObject): JsonValue {
  const id = textIn(objectIn(data, "geo"), "place_id");
  if (id === null) return null;
  const place = includedIn(message, "places").find((place) => textIn(place, "id") === id) ?? {};
  return withoutNulls({
    id,
    name: textIn(place, "full_name"),
    country_code: textIn(place, "country_code"),
    area: areaOf(objectIn(place, "geo")["bbox"]),
  });
}

/** A box as X sends it, west, south, east and north; one without an extent is a point. */
function areaOf(box: JsonValue | undefined): JsonValue {
  if (!isNumbers(box) || box.length !== 4) return null;
  const [west, south, east, north] = box as [number, number, number, number];
  if (!isPosition(west, south) || !isPosition(east, north) || south > north) return null;
  if (west === east && south === north) return { type: "point", coordinates: [west, south] };
  if (west === east || south === north) {
    return { type: "linestring", coordinates: [[west, south], [east, north]] };
  }
  return { type: "envelope", coordinates: [[west, north], [east, south]] };
}

function pointOf(data: JsonObject): JsonValue {
  const { coordinates } = objectIn(objectIn(data, "geo"), "coordinates");
  if (!isNumbers(coordinates)) return null;
  const [lon, lat] = coordinates;
  return lon !== undefined && lat !== undefined && isPosition(lon, lat) ? { lon, lat } : null;
}

function isPosition(longitude: number, latitude: number): boolean {
  return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90;
}

function isNumbers(value: JsonValue | undefined): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}

function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
