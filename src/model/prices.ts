/**
 * What X charges an app that pays per use, as it publishes it: for each resource that an answer holds. Whether what is
 * included beside a post is charged is not known, so all of it is counted: an account can only be pleasantly surprised.
 *
 * Source: docs.x.com, X API: Pricing, and Getting started ("charged per resource returned"), as of 2026-08-22.
 */

import { isObject, type JsonObject, type JsonValue } from "./json.ts";

/** Prices in millionths of a dollar. */
const POST = 5_000;
const PRICES: Readonly<Record<string, number>> = { users: 10_000, tweets: POST, media: 5_000 };

/** What a post costs on average with who wrote it, as long as nothing better is known; in millionths of a dollar. */
export const GUESSED_PRICE = POST + PRICES["users"]!;

/** Millionths of a dollar in one. */
export const DOLLAR = 1_000_000;

/** A sum of millionths of a dollar, for people. */
export function dollars(sum: number): string {
  return `$${(sum / DOLLAR).toFixed(2)}`;
}

/** What an answer costs that holds posts in `data` and what belongs to them in `includes`; in millionths of a dollar. */
export function priceOf({ data, includes }: JsonObject): number {
  const beside = isObject(includes) ? includes : {};
  const sum = Object.entries(PRICES).reduce((total, [kind, price]) => total + price * lengthOf(beside[kind]), 0);
  return POST * lengthOf(data) + sum;
}

function lengthOf(list: JsonValue | undefined): number {
  return Array.isArray(list) ? list.length : 0;
}
