/**
 * PowerTrack's operators in X's rule language: renamed, written otherwise, or not there any more, with what comes
 * nearest. What both languages share is in `model/operators.ts`, with X's own aliases.
 *
 * Source: docs.x.com, Enterprise operators, and Operators by product; for the first PowerTrack, GNIP's Migrating
 * PowerTrack rules (2016). As GNIP did then, what looked for parts of words becomes what looks for whole ones.
 */

import { operatorOf } from "../model/operators.ts";
import { type QueryNode, quoted, type Term } from "../model/query_tree.ts";

/** What a term becomes: a part of X's query, or, where X has nothing for it, words about that. */
export type Counterpart = { readonly node: QueryNode } | { readonly says: string; readonly instead: string };

const RENAMED: Readonly<Record<string, string>> = {
  twitter_lang: "lang",
  country_code: "place_country",
  place_country_code: "place_country",
  place_contains: "place",
  bio_contains: "bio",
  bio_name_contains: "bio_name",
  bio_location_contains: "bio_location",
};

const ACCOUNT_PLACE = "which searches what an account wrote of its place itself";
const NOTHING_LIKE_IT = "the rule without it: X has nothing like it";

/** Of each operator that X does not have, what to write instead. */
const GONE: Readonly<Record<string, (value: string) => string>> = {
  contains: (value) => `${quoted(value)}, which finds whole words only`,
  profile_country: countryInstead,
  profile_country_code: countryInstead,
  profile_region: placeInstead,
  profile_region_contains: placeInstead,
  profile_subregion: placeInstead,
  profile_subregion_contains: placeInstead,
  profile_locality: placeInstead,
  profile_locality_contains: placeInstead,
  profile_point_radius: (value) => areaInstead(`point_radius:[${value}]`),
  profile_bounding_box: (value) => areaInstead(`bounding_box:[${value}]`),
  time_zone: () => `bio_location: with the names of places, ${ACCOUNT_PLACE}`,
  bio_lang: () => "lang: for the language of the post",
  klout_score: () => NOTHING_LIKE_IT,
  klout_topic: () => NOTHING_LIKE_IT,
  klout_topic_id: () => NOTHING_LIKE_IT,
  klout_topic_contains: () => NOTHING_LIKE_IT,
};

/** The counterpart of a term; its span is the term's. */
export function counterpartOf(term: Term): Counterpart {
  const { operator, value } = term;
  if (operator === "has") return hasCounterpart(term);
  const instead = Object.hasOwn(GONE, operator) ? GONE[operator] : undefined;
  if (instead) return { says: `X has no operator ${operator}:`, instead: instead(value) };
  const name = Object.hasOwn(RENAMED, operator) ? RENAMED[operator]! : operatorOf(operator)?.name ?? operator;
  return { node: { ...term, operator: name } };
}

function hasCounterpart(term: Term): Counterpart {
  const value = term.value.toLowerCase();
  if (value === "symbols") return { node: { ...term, value: "cashtags" } };
  if (value === "lang") {
    const { start, end } = term;
    return { node: { kind: "not", part: { ...term, operator: "lang", value: "und" }, start, end } };
  }
  if (!/^profile_geo(_(region|subregion|locality))?$/.test(value)) return { node: term };
  return { says: `X has no has:${value}`, instead: `bio_location: with the names of places, ${ACCOUNT_PLACE}` };
}

function countryInstead(value: string): string {
  return `bio_location: with the country's names, ${ACCOUNT_PLACE}, or place_country:${value} for posts from there`;
}

function placeInstead(value: string): string {
  return `bio_location:${/^\w+$/.test(value) ? value : quoted(value)}, ${ACCOUNT_PLACE}`;
}

function areaInstead(operator: string): string {
  return `bio_location: with the names of places, ${ACCOUNT_PLACE}, or ${operator} for posts from there`;
}
