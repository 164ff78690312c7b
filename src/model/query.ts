/**
 * Our rules in X's query language: each becomes one string that X can hold, or several where one would be too long
 * or its area too large. Two rules of ours may become the same string; X knows a rule by that string alone.
 *
 * Source: docs.x.com, Filtered stream: Build a rule, and Operators; for `track`, `follow` and `geo` the meanings that
 * the retired v1.1 statuses/filter gave them. Whether X accepts a query is `query_check.ts`'s to say; this file
 * refuses only what cannot be translated.
 */

import { type Box, boxFault, boxValue, isDecimal, tileCount, tilesOf } from "./area.ts";
import { areaBoxes } from "./geo_json.ts";
import { type Rule, RuleFault } from "./rule.ts";
import { alternativesOf, termsOf } from "./query_tree.ts";
import { parseQuery } from "./query_parser.ts";
import { trackAlternatives } from "./track_value.ts";

/** How rules are translated. */
export interface Translation {
  /** What of an account is collected: its posts, the replies to them and their retweets, or its posts alone. */
  readonly follow: "all" | "author";
  /** The most tiles that one area may be cut into. */
  readonly geoMaxTiles: number;
  /** The longest query that X takes, in UTF-16 units. */
  readonly ruleLength: number;
}

/** As the settings have it where nobody sets anything. */
export const DEFAULT_TRANSLATION: Translation = { follow: "all", geoMaxTiles: 64, ruleLength: 1_024 };

/**
 * The rule as X is to hold it: at least one query; a tweet that matches one of them matches the rule.
 * Throws RuleFault when its value cannot mean anything in its type.
 */
export function queriesOf(rule: Rule, translation: Translation = DEFAULT_TRANSLATION): string[] {
  // Halves of characters cannot be sent: X would hold something else than we know.
  const value = rule.value.toWellFormed();
  switch (rule.slot.type) {
    case "track":
      return inPieces(wordAlternatives(value), translation.ruleLength);
    case "follow":
      return [followQuery(value, translation.follow)];
    case "geo":
      return inPieces(geoAlternatives(value, translation.geoMaxTiles), translation.ruleLength);
    case "query":
      return ownQuery(value.replace(/\s+/g, " ").trim(), translation.ruleLength);
  }
}

/** Joins alternatives with OR, in as few queries of at most that length as their order allows. */
function inPieces(alternatives: readonly string[], longest: number): string[] {
  const pieces: string[] = [];
  for (const alternative of alternatives) {
    const last = pieces.at(-1);
    const longer = `${last} OR ${alternative}`;
    if (last !== undefined && longer.length <= longest) pieces[pieces.length - 1] = longer;
    else pieces.push(alternative);
  }
  return pieces;
}

/** A query is sent as it was written; one that is too long and is a list of alternatives is sent in pieces. */
function ownQuery(value: string, longest: number): string[] {
  if (value.length <= longest) return [value];
  const { tree, complaints } = parseQuery(value);
  // What samples does so for the whole query.
  const isWhole = !tree || complaints.length > 0 || termsOf(tree).some(({ term }) => term.operator === "sample");
  if (isWhole) return [value];
  return inPieces(alternativesOf(tree).map(({ start, end }) => value.slice(start, end)), longest);
}

function wordAlternatives(value: string): string[] {
  const alternatives = trackAlternatives(value);
  if (alternatives.length === 0) throw new RuleFault("its value holds no word to look for");
  return alternatives;
}

function followQuery(value: string, follow: Translation["follow"]): string {
  const account = value.trim().replace(/^@/, "");
  if (!/^(\d{1,19}|\w{1,15})$/.test(account)) {
    throw new RuleFault("its value is no account: a numeric id, or a name of at most 15 letters, digits and _");
  }
  return follow === "author" ? `from:${account}` : `from:${account} OR to:${account} OR retweets_of:${account}`;
}

/** Boxes of four numbers, west, south, east, north, in degrees (v1.1's order, which is X's as well), or GeoJSON. */
function geoAlternatives(value: string, mostTiles: number): string[] {
  const boxes = value.trimStart().startsWith("{") ? geoJsonBoxes(value) : numberBoxes(value);
  for (const box of boxes) {
    const fault = boxFault(box);
    if (fault !== undefined) throw new RuleFault(fault);
  }
  const tiles = boxes.reduce((sum, box) => sum + tileCount(box), 0);
  if (tiles > mostTiles) {
    throw new RuleFault(
      `its area takes ${tiles} tiles of less than 25 miles, more than GEO_MAX_TILES (${mostTiles}); ` +
        "for a country write a query rule with place_country:",
    );
  }
  return [...new Set(boxes.flatMap(tilesOf).map((box) => `bounding_box:[${boxValue(box)}]`))];
}

function numberBoxes(value: string): Box[] {
  const numbers = value.split(/[\s,]+/).filter((part) => part !== "");
  if (numbers.length === 0 || numbers.length % 4 !== 0 || !numbers.every(isDecimal)) {
    throw new RuleFault("its value is no area: four numbers, west,south,east,north");
  }
  const boxes: Box[] = [];
  for (let at = 0; at < numbers.length; at += 4) {
    const [west, south, east, north] = numbers.slice(at, at + 4).map(Number) as [number, number, number, number];
    boxes.push({ west, south, east, north });
  }
  return boxes;
}

function geoJsonBoxes(value: string): Box[] {
  const boxes = areaBoxes(value);
  if (boxes === undefined) throw new RuleFault("its value begins like GeoJSON, but is no Polygon or MultiPolygon");
  return boxes;
}
