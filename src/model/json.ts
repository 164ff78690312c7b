/**
 * JSON as it comes from outside: parsed without rounding. An integer that a double cannot hold exactly becomes
 * the string of its digits, for tweet, user and rule ids exceed 2^53.
 */

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [name: string]: JsonValue;
}

/** What the parser tells a reviver about a value since ECMAScript's "JSON.parse source text access". */
interface ReviverContext {
  source?: string;
}

/** What an integer beyond 2^53 looks like where it stands; in a string it may look so as well. */
const LONG_INTEGER = /(?:^|[\s:,[])-?\d{16}/;

/** Parses JSON text; unsafe integers become strings. Throws SyntaxError as `JSON.parse` does. */
export function parseJson(text: string): JsonValue {
  // Looking at every value takes several times as long.
  if (!LONG_INTEGER.test(text)) return JSON.parse(text);
  return JSON.parse(text, exactNumbers as (name: string, value: JsonValue) => JsonValue);
}

function exactNumbers(_name: string, value: JsonValue, context: ReviverContext): JsonValue {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return context.source !== undefined && /^-?\d+$/.test(context.source) ? context.source : value;
}

/** The value of JSON text, as `parseJson` has it; null where it is no JSON. */
export function jsonIn(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/** Whether a value is a JSON object: not null, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
