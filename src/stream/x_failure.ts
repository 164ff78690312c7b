/**
 * What can go wrong with a request to X, told apart by what follows from it. The rest of the program never looks
 * at a status code.
 *
 * Source: docs.x.com, Handling disconnections, and Response codes and errors; bodies as seen in the field.
 * Problem types are matched by the last path segment alone, for X has changed the host in front of it.
 */

import { isObject, type JsonValue } from "../model/json.ts";
import { type Problem, readProblem } from "../model/stream_message.ts";
import { timeIn } from "./x_time.ts";
import { BACKOFF, type BackoffPolicy } from "../base/retry.ts";

/**
 * - `network`: no answer: DNS, TCP, TLS, a time-out, a cut.
 * - `http`: X answered, but not as it should: 5xx, HTML, an answer that makes no sense.
 * - `rate_limit`: too many requests; `retryAfterMs` says how long X wants us to wait.
 * - `too_many_connections`: another connection holds the app's only slot.
 * - `no_rules`: the stream has no rules to match.
 * - `unauthorized`: the token is not known to X. `forbidden`: it is, but may not do this.
 * - `depleted`: the month's tweets or the credits are used up.
 * - `invalid`: X understood the request and refuses it: asking again changes nothing.
 */
export type XFailureKind =
  | "network"
  | "http"
  | "rate_limit"
  | "too_many_connections"
  | "no_rules"
  | "unauthorized"
  | "forbidden"
  | "depleted"
  | "invalid";

/** A request to X that failed. The message is for people: it holds X's own words, never the token. */
export class XFailure extends Error {
  override readonly name = "XFailure";
  readonly kind: XFailureKind;
  readonly status: number | undefined;
  readonly problem: Problem | undefined;
  readonly retryAfterMs: number | undefined;
  /** How a connection that stood was lost, where that was not by its end. */
  readonly loss: "stalled" | "fell_behind" | undefined;

  constructor(kind: XFailureKind, message: string, details: {
    status?: number | undefined;
    problem?: Problem | undefined;
    retryAfterMs?: number | undefined;
    loss?: "stalled" | "fell_behind";
    cause?: unknown;
  } = {}) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.status = details.status;
    this.problem = details.problem;
    this.retryAfterMs = details.retryAfterMs;
    this.loss = details.loss;
  }

  /** Whether asking again later may succeed without anybody's help. */
  get mayHeal(): boolean {
    return this.kind !== "unauthorized" && this.kind !== "forbidden" && this.kind !== "invalid";
  }
}

/** How to wait after a failure: X's published schedule, where it has one. */
export function backoffFor(kind: XFailureKind): BackoffPolicy {
  return SCHEDULE[kind] ?? BACKOFF.xHttp;
}

/**
 * A taken slot is probed every minute; where the credits are used up, or the token or the app is refused, only the
 * operator or the end of the month changes anything, and asking more often would only be in the way.
 */
const SCHEDULE: Readonly<Partial<Record<XFailureKind, BackoffPolicy>>> = {
  network: BACKOFF.xNetwork,
  rate_limit: BACKOFF.xRateLimit,
  too_many_connections: BACKOFF.xSlot,
  depleted: BACKOFF.xDepleted,
  unauthorized: BACKOFF.xRefused,
  forbidden: BACKOFF.xRefused,
};

/** What an answer that is not 2xx means. `nowMs` is our time, for answers that do not tell X's. Reads the body. */
export async function failureOf(response: Response, nowMs: number): Promise<XFailure> {
  const body = await readBody(response);
  const problem = problemOf(body);
  const kind = kindOf(response.status, problem);
  const message = `X answered ${response.status}${problem ? ` ${wordsOf(problem)}` : " without saying why"}`;
  return new XFailure(kind, message, {
    status: response.status,
    problem,
    retryAfterMs: waitOf(response, kind, timeIn(response, nowMs)),
  });
}

/** What a request that got no answer at all means: the innermost cause says it best. */
export function networkFailure(error: unknown, what = "X cannot be reached"): XFailure {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  const words = innermost instanceof Error ? innermost.message : String(innermost);
  return new XFailure("network", `${what}: ${words}`, { cause: error });
}

/** X's words of a problem on one line. */
export function wordsOf(problem: Problem): string {
  const words = [problem.title, problem.detail].filter((part) => part !== "").join(": ").replace(/\.$/, "");
  return words || problem.problem || "no reason given";
}

function kindOf(status: number, problem: Problem | undefined): XFailureKind {
  const title = problem?.title;
  if (title === "UsageCapExceeded" || title === "CreditsDepleted" || status === 402) return "depleted";
  if (problem?.connectionIssue === "TooManyConnections") return "too_many_connections";
  if (problem?.connectionIssue === "RuleConfigurationIssue") return "no_rules";
  if (status === 429) return "rate_limit";
  if (status === 409) return "no_rules";
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  return status >= 400 && status < 500 && status !== 408 ? "invalid" : "http";
}

/** The wait that X asks for, in milliseconds; only a rate limit has one. */
function waitOf(response: Response, kind: XFailureKind, nowMs: number): number | undefined {
  if (kind !== "rate_limit") return undefined;
  const reset = Number(response.headers.get("x-rate-limit-reset"));
  if (!(reset > 0)) return undefined;
  // A reset far in the future is a clock that is wrong, ours or theirs: windows are 15 minutes long.
  return Math.min(Math.max(reset * 1000 - nowMs, 0), 16 * 60_000);
}

function problemOf(body: JsonValue | undefined): Problem | undefined {
  if (!isObject(body)) return undefined;
  const first = Array.isArray(body["errors"]) ? body["errors"][0] : undefined;
  const own = readProblem(body);
  if (own.title !== "" || own.detail !== "") {
    // "One or more parameters to your request was invalid" is explained by its first inner error.
    const inner = isObject(first) ? readProblem(first) : undefined;
    if (!inner) return own;
    return { ...own, detail: `${own.detail} ${inner.detail}`.trim(), parameters: inner.parameters };
  }
  return isObject(first) ? readProblem(first) : undefined;
}

/** The body as JSON; undefined for HTML, for nothing, and for a body that broke off. */
async function readBody(response: Response): Promise<JsonValue | undefined> {
  try {
    return JSON.parse(await response.text());
  } catch {
    return undefined; // the status says enough: 5xx answers are often HTML
  }
}
