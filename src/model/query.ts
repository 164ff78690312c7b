/**
 * A rule in X's query language: each of our rules becomes one string that X can hold. Two rules of ours may
 * become the same string; X knows a rule by that string alone.
 *
 * Source: docs.x.com, Filtered stream: Build a rule, and Operators; for `track`, `follow` and `geo` the meanings
 * that the retired v1.1 statuses/filter gave them. Whether X accepts a query is X's to say: this file checks only
 * what it needs in order to translate.
 */

import { type Rule, RuleFault } from "./rule.ts";

/** The rule as X is to hold it. Throws RuleFault when its value cannot mean anything in its type. */
export function queryOf(rule: Rule): string {
  switch (rule.slot.type) {
    case "track":
      return trackQuery(rule.value);
    case "follow":
      return followQuery(rule.value);
    case "geo":
      return geoQuery(rule.value);
    case "query":
      return rule.value.replace(/[\r\n\t]+/g, " ").trim();
  }
}

/** A phrase in double quotes, or a run of anything but white space, quotes and commas. */
const TRACK_TOKEN = /"((?:[^"\\]|\\.)*)"|,|[^\s,"]+|"/g;

/** Words are joined by AND (a space), commas mean OR, as they did in v1.1; quoted phrases stay phrases. */
function trackQuery(value: string): string {
  const alternatives: string[][] = [[]];
  for (const [token, phrase] of value.matchAll(TRACK_TOKEN)) {
    if (token === ",") alternatives.push([]);
    else if (phrase !== undefined) alternatives.at(-1)!.push(quoted(phrase.replaceAll('\\"', '"')));
    else if (token !== '"') alternatives.at(-1)!.push(trackWord(token));
  }
  const filled = alternatives.filter((words) => words.length > 0);
  if (filled.length === 0) throw new RuleFault("its value holds no word to look for");
  if (filled.length === 1) return filled[0]!.join(" ");
  return filled.map((words) => words.length === 1 ? words[0]! : `(${words.join(" ")})`).join(" OR ");
}

/** Hashtags, mentions and cashtags keep their meaning; a URL is looked for in links; all else means itself. */
function trackWord(word: string): string {
  if (/^#[\p{L}\p{N}\p{M}_]+$/u.test(word) || /^@\w{1,15}$/.test(word) || /^\$[A-Za-z]{1,8}$/.test(word)) return word;
  if (/^https?:\/\/./i.test(word)) return `url:${quoted(word)}`;
  if (/^[\p{L}\p{N}\p{M}_]+$/u.test(word) && !/^(and|or)$/i.test(word)) return word;
  return quoted(word);
}

function quoted(phrase: string): string {
  return `"${phrase.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** Posts by the account, replies to it, and retweets of it: what v1.1's `follow` collected. */
function followQuery(value: string): string {
  const account = value.replace(/^@/, "");
  if (!/^(\d{1,19}|\w{1,15})$/.test(account)) {
    throw new RuleFault("its value is no account: a numeric id, or a name of at most 15 letters, digits and _");
  }
  return `from:${account} OR to:${account} OR retweets_of:${account}`;
}

/** Boxes of four numbers, west, south, east, north, in degrees: v1.1's order, which is X's as well. */
function geoQuery(value: string): string {
  const numbers = value.split(/[\s,]+/).filter((part) => part !== "");
  const usable = numbers.length > 0 && numbers.length % 4 === 0 &&
    numbers.every((part) => /^[+-]?\d+(\.\d+)?$/.test(part));
  if (!usable) throw new RuleFault("its value is no area: four numbers, west,south,east,north");
  const boxes: string[] = [];
  for (let at = 0; at < numbers.length; at += 4) boxes.push(boundingBox(numbers.slice(at, at + 4)));
  return boxes.join(" OR ");
}

function boundingBox(corners: string[]): string {
  const [west, south, east, north] = corners.map(Number) as [number, number, number, number];
  if (Math.abs(west) > 180 || Math.abs(east) > 180) throw new RuleFault("a longitude lies beyond 180 degrees");
  if (Math.abs(south) > 90 || Math.abs(north) > 90) {
    throw new RuleFault("a latitude lies beyond 90 degrees; the order is west,south,east,north");
  }
  if (west >= east || south >= north) {
    throw new RuleFault("the area is empty; the order is west,south,east,north");
  }
  return `bounding_box:[${corners.map((corner) => corner.replace(/^\+/, "")).join(" ")}]`;
}
