/** X's limits for one app, by what its project pays for. Source: docs.x.com, Rate limits; Filtered stream. */

export interface Caps {
  /** Rules that a project may hold. */
  readonly rulesPerProject: number;
  /** Characters (UTF-16 units: X has published no unit) that a rule may have. */
  readonly ruleLength: number;
  /** Streams that may be open at a time. A test that referees who connects raises it and counts for itself. */
  readonly connections: number;
  /** Minutes before a connect that a stream may ask for; 0 where the product has no backfill. */
  readonly backfillMinutes: number;
  /** Recovery streams that may be open at a time, beside the others; 0 where the product has no recovery. */
  readonly recoveries: number;
  /** Characters that a query of recent search may have. */
  readonly queryLength: number;
  /** Connects of the stream in one window. */
  readonly connects: number;
  /** Reads of the rules in one window. */
  readonly ruleReads: number;
  /** Changes of the rules in one window. */
  readonly ruleChanges: number;
  /** Recent searches in one window. */
  readonly searches: number;
  /** Reads of the usage in one window. */
  readonly usageReads: number;
  /** Calls of `DELETE /2/connections/all` in one window. */
  readonly closesOfAll: number;
  /** Calls of each other endpoint in one window: X's number for users; for the others it has published none. */
  readonly otherCalls: number;
  /** How long a window of these limits is. */
  readonly windowMs: number;
}

/** What a project pays for. */
export type Tier = "pay-per-use" | "enterprise";

const PAY_PER_USE: Caps = {
  rulesPerProject: 1_000,
  ruleLength: 1_024,
  connections: 1,
  backfillMinutes: 0,
  recoveries: 0,
  queryLength: 512,
  connects: 50,
  ruleReads: 450,
  ruleChanges: 100,
  searches: 450,
  usageReads: 50,
  closesOfAll: 25,
  otherCalls: 300,
  windowMs: 15 * 60_000,
};

export const CAPS: Readonly<Record<Tier, Caps>> = {
  "pay-per-use": PAY_PER_USE,
  // How many requests an enterprise may make is a matter of its contract: here as many as anybody.
  "enterprise": {
    ...PAY_PER_USE,
    rulesPerProject: 25_000,
    ruleLength: 2_048,
    connections: 2,
    backfillMinutes: 5,
    recoveries: 2,
    queryLength: 4_096,
  },
};

/** The names of all tiers. */
export const TIERS = Object.keys(CAPS) as readonly Tier[];
