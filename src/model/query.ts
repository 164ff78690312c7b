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
import { alternativesOf, quoted, termsOf } from "./query_tree.ts";
import { parseQuery } from "./query_parser.ts";

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
  switch (rule.slot.type) {
    case "track":
      return inPieces(trackAlternatives(rule.value), translation.ruleLength);
    case "follow":
      return [followQuery(rule.value, translation.follow)];
    case "geo":
      return inPieces(geoAlternatives(rule.value, translation.geoMaxTiles), translation.ruleLength);
    case "query":
      return ownQuery(rule.value.replace(/\s+/g, " ").trim(), translation.ruleLength);
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

/** A phrase in double quotes, a comma, a run of anything but white space, quotes and commas, or a lone quote. */
const TRACK_TOKEN = /"((?:[^"\\]|\\.)*)"|,|[^\s,"]+|"/g;

/** Words are joined by AND (a space), commas mean OR, as they did in v1.1; quoted phrases stay phrases. */
function trackAlternatives(value: string): string[] {
  const alternatives: string[][] = [[]];
  for (const [token, phrase] of value.matchAll(TRACK_TOKEN)) {
    if (token === ",") alternatives.push([]);
    else if (phrase !== undefined) alternatives.at(-1)!.push(...trackPhrase(phrase.replace(/\\(["\\])/g, "$1")));
    else if (token !== '"') alternatives.at(-1)!.push(...trackWord(token));
  }
  const filled = alternatives.filter((words) => words.length > 0).map((words) => words.join(" "));
  if (filled.length === 0) throw new RuleFault("its value holds no word to look for");
  return [...new Set(filled)];
}

function trackPhrase(phrase: string): string[] {
  return isMeaningless(phrase) ? [] : [quoted(phrase)];
}

/** Hashtags, mentions and cashtags keep their meaning; an address is looked for in links; all else means itself. */
function trackWord(word: string): string[] {
  if (/^#[\p{L}\p{N}\p{M}_]*[\p{L}\p{M}_][\p{L}\p{N}\p{M}_]*$/u.test(word)) return [word];
  if (/^@\w{1,15}$/.test(word) || /^\$[A-Za-z]{1,8}$/.test(word)) return [word];
  if (/^https?:\/\/./i.test(word)) return [`url:${quoted(word)}`];
  if (/^[\p{L}\p{N}\p{M}]+$/u.test(word) && !/^(and|or)$/i.test(word)) return [word];
  return isMeaningless(word) ? [] : [quoted(word)];
}

/** Punctuation alone: v1.1 passed over it, and X would look for nothing. Symbols such as emoji mean themselves. */
function isMeaningless(text: string): boolean {
  return /^[\p{P}\s]*$/u.test(text);
}

function followQuery(value: string, follow: Translation["follow"]): string {
  const account = value.replace(/^@/, "");
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
  return boxes.flatMap(tilesOf).map((box) => `bounding_box:[${boxValue(box)}]`);
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
