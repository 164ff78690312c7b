/**
 * Judges who spoke to X, and when, against whose lease was valid then. Instants are of the machine's clock: Redis's for
 * leases, the fronts' for requests.
 *
 * @module
 */
import type { RequestToX } from "./fleet_front.ts";
import { instanceOf, type LeaseTerm } from "./lease_book.ts";

/** A request with who made it. */
export interface MadeRequest extends RequestToX {
  /** Eight hex digits. */
  readonly instance: string;
}

export interface OwnershipFacts {
  readonly terms: readonly LeaseTerm[];
  readonly requests: readonly MadeRequest[];
  /** How much later than it was sent a request may seem to begin. */
  readonly slackMs: number;
}

const TOKEN = "/oauth2/token";
const RULES = "/2/tweets/search/stream/rules";
/** By how much two readings of one clock may differ. */
const ROUNDING_MS = 2;

/** What is not as a lease promises, in words; nothing where all is. */
export function wrongOwnership(facts: OwnershipFacts): string[] {
  return [...overlaps(facts.terms), ...facts.requests.flatMap((request) => wrongRequest(request, facts))];
}

/** Two owners at a time. */
function overlaps(terms: readonly LeaseTerm[]): string[] {
  return terms.flatMap((term, index) =>
    terms.slice(index + 1).flatMap((other) => {
      if (other.owner === term.owner) return [];
      const commonMs = Math.min(term.until, other.until) - Math.max(term.from, other.from);
      return commonMs > ROUNDING_MS
        ? [`two leases are valid at a time: ${shownTerm(term)} and ${shownTerm(other)}`]
        : [];
    })
  );
}

function wrongRequest(request: MadeRequest, { slackMs, terms }: OwnershipFacts): string[] {
  if (request.path === TOKEN) return [];
  const { beganAt, instance } = request;
  const other = terms.find((term) =>
    instanceOf(term) !== instance && beganAt > term.from + slackMs && beganAt < term.until - ROUNDING_MS
  );
  if (other) return [`${shownRequest(request)} while a lease of another is valid: ${shownTerm(other)}`];
  const isCovered = terms.some((term) =>
    instanceOf(term) === instance && beganAt >= term.from - ROUNDING_MS && beganAt <= term.until + slackMs
  );
  if (isCovered) return [];
  const isChange = request.method === "POST" && request.path === RULES;
  return [`${shownRequest(request)} without a lease${isChange ? ", and it changes rules" : ""}`];
}

function shownRequest({ beganAt, instance, method, path }: MadeRequest): string {
  return `${instance} begins ${method} ${path} at ${iso(beganAt)}`;
}

function shownTerm({ from, owner, until }: LeaseTerm): string {
  return `${owner} from ${iso(from)} to ${iso(until)}`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
