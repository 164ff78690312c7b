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

/** Parses JSON text; unsafe integers become strings. Throws SyntaxError as `JSON.parse` does. */
export function parseJson(text: string): JsonValue {
  return JSON.parse(text, exactNumbers as (name: string, value: JsonValue) => JsonValue);
}

function exactNumbers(_name: string, value: JsonValue, context: ReviverContext): JsonValue {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return context.source !== undefined && /^-?\d+$/.test(context.source) ? context.source : value;
}

/** Whether a value is a JSON object: not null, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
