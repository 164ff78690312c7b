/**
 * Turns a rule into a topic: one way to satisfy it, where it offers several picked by chance. It does its best and
 * promises no match: the matcher has the last word.
 */

import { milesBetween, readBox, readCircle } from "../query/operators.ts";
import type { Node, Term } from "../query/syntax.ts";
import type { Random } from "../random.ts";
import type { Feature, Topic } from "./topic.ts";

type Draft =
  & { -readonly [Member in keyof Topic]: Topic[Member] extends readonly string[] ? string[] : Topic[Member] }
  & {
    has: Set<Feature>;
    hasNot: Set<Feature>;
  };

const FEATURES: Readonly<Record<string, Feature>> = {
  "has:hashtags": "hashtags",
  "has:cashtags": "cashtags",
  "has:links": "links",
  "has:mentions": "mentions",
  "has:media": "media",
  "has:media_link": "media",
  "has:images": "images",
  "has:videos": "videos",
  "has:video_link": "videos",
  "has:geo": "geo",
  "is:retweet": "retweet",
  "is:reply": "reply",
  "is:quote": "quote",
  "is:verified": "verified",
};

/** A topic that one reading of the query asks for. */
export function aimAt(node: Node, random: Random): Topic {
  const draft: Draft = {
    words: [],
    hashtags: [],
    cashtags: [],
    mentions: [],
    links: [],
    has: new Set(),
    hasNot: new Set(),
  };
  require(node, draft, random);
  return draft;
}

function require(node: Node, draft: Draft, random: Random): void {
  if (node.kind === "and") { for (const part of node.parts) require(part, draft, random); }
  else if (node.kind === "or") require(random.pick(node.parts), draft, random);
  else if (node.kind === "term") requireTerm(node, draft);
  else if (node.part.kind === "term") {
    const feature = FEATURES[`${node.part.operator}:${node.part.value}`];
    if (feature) draft.hasNot.add(feature);
  }
}

function requireTerm(term: Term, draft: Draft): void {
  const { operator, value } = term;
  const feature = FEATURES[`${operator}:${value}`];
  if (feature) draft.has.add(feature);
  else if (operator === "keyword" || operator === "phrase") draft.words.push(value);
  else if (operator === "#") draft.hashtags.push(value);
  else if (operator === "$") draft.cashtags.push(value);
  else if (operator === "@") draft.mentions.push(value);
  else if (operator === "url" || operator === "url_contains") draft.links.push(value);
  else if (operator === "from") draft.from = value;
  else if (operator === "to") draft.to = value;
  else if (operator === "retweets_of") draft.retweetOf = value;
  else if (operator === "lang") draft.language = value;
  else if (operator === "place_country") draft.countryCode = value.toUpperCase();
  else if (operator === "place") draft.placeName = value;
  else if (operator === "bounding_box") draft.area = readBox(value)!;
  else if (operator === "point_radius") draft.area = squareIn(value);
}

/** A square well inside a circle. */
function squareIn(value: string): [number, number, number, number] {
  const { longitude, latitude, miles } = readCircle(value)!;
  const milesPerDegree = milesBetween([longitude, latitude], [longitude + 1, latitude]);
  const [halfWidth, halfHeight] = [miles / 2 / Math.max(milesPerDegree, 1), miles / 2 / 69.1];
  return [longitude - halfWidth, latitude - halfHeight, longitude + halfWidth, latitude + halfHeight];
}
