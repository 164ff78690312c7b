/**
 * One line of the filtered stream, read: a tweet, a notice, or something that is neither. Nothing in a line can
 * make this throw; ids are strings whatever X sent.
 *
 * Source: docs.x.com, Filtered stream: Consuming streaming data, and Handling disconnections. Notices were seen
 * wrapped in `errors` (DocNow/twarc#462) and at the top level (xdevplatform/twitter-api-typescript-sdk#69).
 */

import { isObject, type JsonObject, type JsonValue, parseJson } from "./json.ts";

/** X's words about a problem. `problem` is the last path segment of its type, which alone is stable. */
export interface Problem {
  readonly problem: string;
  readonly title: string;
  readonly detail: string;
  readonly disconnectType: string | undefined;
  readonly connectionIssue: string | undefined;
  /** The parameters of our request that it is about. */
  readonly parameters: readonly string[];
}

/** One of X's rules that a tweet matched. */
export interface MatchedRule {
  readonly id: string;
  readonly tag: string;
}

export interface TweetMessage {
  readonly kind: "tweet";
  readonly id: string;
  /** The line as X sent it, without its line end. */
  readonly line: Uint8Array;
  /** The line, parsed: `data`, `includes` and the rest. */
  readonly message: JsonObject;
  readonly matched: readonly MatchedRule[];
  /** ISO 8601, from `created_at` or else from the id; null when neither tells. */
  readonly createdAt: string | null;
  /** Partial errors beside the tweet: something that belongs to it could not be delivered. */
  readonly partialErrors: readonly Problem[];
}

export type StreamMessage =
  | TweetMessage
  | { readonly kind: "notice"; readonly problems: readonly Problem[] }
  | { readonly kind: "odd"; readonly why: "not_json" | "not_an_object" | "no_id" | "unknown_kind" };

const decoder = new TextDecoder();

/** Reads one line that is not blank. */
export function readMessage(line: Uint8Array): StreamMessage {
  const message = parseLine(line, JSON.parse);
  if (message === undefined) return { kind: "odd", why: "not_json" };
  if (!isObject(message)) return { kind: "odd", why: "not_an_object" };
  if (isObject(message["data"])) return readTweet(message, message["data"], line);
  if (Array.isArray(message["errors"])) return { kind: "notice", problems: problemsIn(message["errors"]) };
  if (typeof message["title"] === "string") return { kind: "notice", problems: [readProblem(message)] };
  return { kind: "odd", why: "unknown_kind" };
}

/** The JSON of a line; undefined when it is none, or nested so deeply that the parser gives up. */
function parseLine(line: Uint8Array, parse: (text: string) => JsonValue): JsonValue | undefined {
  try {
    return parse(decoder.decode(line));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function readTweet(message: JsonObject, data: JsonObject, line: Uint8Array): StreamMessage {
  const rules = Array.isArray(message["matching_rules"]) ? message["matching_rules"] : [];
  // Captures of 2020 and 2021 have numeric ids, which a plain parse has already rounded: read those again, exactly.
  const rounded = (entry: JsonValue) => isObject(entry) && typeof entry["id"] === "number";
  if (typeof data["id"] === "number" || rules.some(rounded)) {
    const exact = parseLine(line, parseJson);
    if (!isObject(exact) || !isObject(exact["data"])) return { kind: "odd", why: "not_json" };
    message = exact;
    data = exact["data"];
  }
  const id = idOf(data["id"]);
  if (id === undefined) return { kind: "odd", why: "no_id" };
  const matched: MatchedRule[] = [];
  for (const entry of Array.isArray(message["matching_rules"]) ? message["matching_rules"] : []) {
    const ruleId = isObject(entry) ? idOf(entry["id"]) : undefined;
    if (ruleId === undefined || !isObject(entry)) continue;
    matched.push({ id: ruleId, tag: typeof entry["tag"] === "string" ? entry["tag"] : "" });
  }
  const partialErrors = Array.isArray(message["errors"]) ? problemsIn(message["errors"]) : [];
  return { kind: "tweet", id, line, message, matched, createdAt: createdAtOf(data, id), partialErrors };
}

/** An id as a string of digits. */
function idOf(value: JsonValue | undefined): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && /^\d{1,20}$/.test(text) ? text : undefined;
}

function createdAtOf(data: JsonObject, id: string): string | null {
  const made = typeof data["created_at"] === "string" ? Date.parse(data["created_at"]) : timeOfId(id);
  return made === undefined || Number.isNaN(made) ? null : new Date(made).toISOString();
}

/** The first moment of the ids that carry their time, 2010-11-04, in milliseconds since 1970. */
const FIRST_ID_TIME = 1_288_834_974_657n;

/** When a tweet was made, in milliseconds since 1970, as its id tells; undefined for ids older than the scheme. */
export function timeOfId(id: string): number | undefined {
  const number = BigInt(id);
  return number < 1n << 35n ? undefined : Number((number >> 22n) + FIRST_ID_TIME);
}

/** The greatest id that is less than that of any tweet made since a moment, in milliseconds since 1970. */
export function idBefore(ms: number): string {
  return String(((BigInt(ms) - FIRST_ID_TIME) << 22n) - 1n);
}

function problemsIn(errors: readonly JsonValue[]): Problem[] {
  return errors.map((error) => readProblem(isObject(error) ? error : { detail: String(error) }));
}

/** Reads a problem as X writes them; whatever is missing is empty. */
export function readProblem(error: JsonObject): Problem {
  const text = (name: string) => typeof error[name] === "string" ? error[name] : undefined;
  const detail = text("detail") ?? text("message") ?? text("error_description") ?? text("error") ?? "";
  return {
    problem: (text("type") ?? text("title") ?? "").split("/").at(-1)!,
    title: text("title") ?? "",
    detail,
    disconnectType: text("disconnect_type"),
    connectionIssue: text("connection_issue"),
    parameters: isObject(error["parameters"]) ? Object.keys(error["parameters"]) : [],
  };
}
