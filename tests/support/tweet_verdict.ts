/**
 * Compares what X sent and holds with what is in the sink and what the gap register says: a tweet is there, or a gap
 * covers it, and what is there twice was in flight at a kill. Times are of the simulator's clock.
 *
 * @module
 */
import type { Gap } from "../../src/journal/gaps.ts";

/** A tweet at X, and when it was made or sent. */
export interface TweetAtX {
  readonly id: string;
  readonly at: number;
  /** What it says, where that is known. */
  readonly text?: string;
}

/** A record in the sink. */
export interface ArrivedTweet {
  readonly id: string;
  /** When the collector took it in. */
  readonly collectedAt: number;
  /** Whether a search has found it. */
  readonly isFound?: boolean;
}

/** What matters of a gap. */
export type CoveringGap = Pick<Gap, "beganAt" | "endedAt" | "cause" | "lastId" | "state">;

export interface TweetFacts {
  /** What the simulator handed over on an open connection. */
  readonly sent: readonly TweetAtX[];
  /** What its search finds for the rules. */
  readonly held: readonly TweetAtX[];
  readonly arrived: readonly ArrivedTweet[];
  readonly gaps: readonly CoveringGap[];
  /** When the collector was killed, or gave up delivering at a stop because its time was over. */
  readonly kills: readonly number[];
  /** How far X's clock, by which ids are made, is ahead. */
  readonly aheadMs: number;
  /** How long before a kill what is there twice was taken in, at most. */
  readonly inFlightMs: number;
}

export interface TweetVerdict {
  /** Different tweets that were sent. */
  readonly sent: number;
  /** Different tweets in the sink. */
  readonly arrived: number;
  /** Those of them that were not sent on an open connection, but were found afterwards. */
  readonly repaired: number;
  /** Those that are not in the sink, with the causes of the gaps that cover them. */
  readonly covered: ReadonlyMap<string, string>;
  /** Those that no gap covers, with what speaks against the nearest one. */
  readonly uncovered: ReadonlyMap<string, string>;
  /** Copies beyond the first, and the ids of those that no kill explains. */
  readonly repeats: number;
  readonly unexplained: readonly string[];
}

/** X's ids begin with the milliseconds since this moment, above 22 bits. */
const FIRST_ID_TIME = 1_288_834_974_657n;

/** When a tweet was made, by its id: by X's clock. */
export function madeAt(id: string): number {
  return Number((BigInt(id) >> 22n) + FIRST_ID_TIME);
}

/** What was made shortly before a gap was still on its way (docs.x.com: 99 of 100 tweets come within 7 s). */
const ON_THE_WAY_MS = 10_000;

export function verdictOnTweets(facts: TweetFacts): TweetVerdict {
  const { arrived, held, sent } = facts;
  const copies = Map.groupBy(arrived, ({ id }) => id);
  const heldIds = new Set(held.map(({ id }) => id));
  const sentIds = new Set(sent.map(({ id }) => id));
  const missing = [...held, ...sent].filter(({ id }) => !copies.has(id));
  const covered = new Map<string, string>();
  const uncovered = new Map<string, string>();
  for (const [id, moments] of Map.groupBy(missing, ({ id }) => id)) {
    const around = facts.gaps.filter((gap) => moments.some(({ at }) => covers(gap, at, facts.aheadMs)));
    // A search that ended well has found all that search holds: such a gap excuses only what it does not hold.
    const excuse = around.find(({ state }) => state !== "closed" || !heldIds.has(id));
    const when = moments.map(({ at, text = "sent" }) => `${new Date(at).toISOString()} (${text})`).join(", ");
    if (excuse) covered.set(id, excuse.cause);
    else uncovered.set(id, around.length > 0 ? `${when}: search holds it, and its gap is closed` : `${when}: no gap`);
  }
  const repeated = [...copies.values()].filter((records) => records.length > 1);
  return {
    sent: sentIds.size,
    arrived: copies.size,
    repaired: [...copies.keys()].filter((id) => !sentIds.has(id)).length,
    covered,
    uncovered,
    repeats: arrived.length - copies.size,
    unexplained: repeated.filter((records) => !isExplained(records, facts)).map(([first]) => first!.id),
  };
}

/** A gap covers what was made after the last tweet before it as well: a slow reader is behind. */
function covers({ beganAt, endedAt = Infinity, lastId }: CoveringGap, at: number, aheadMs: number): boolean {
  const last = lastId === undefined ? Infinity : madeAt(lastId) - aheadMs;
  return at >= Math.min(beganAt, last) - ON_THE_WAY_MS && at <= endedAt;
}

/** One more copy for each kill that came within a moment after the tweet was taken in. */
function isExplained(records: readonly ArrivedTweet[], { inFlightMs, kills }: TweetFacts): boolean {
  const near = kills.filter((kill) => {
    return records.some(({ collectedAt }) => collectedAt <= kill && kill - collectedAt <= inFlightMs);
  });
  return records.length - 1 <= near.length;
}
