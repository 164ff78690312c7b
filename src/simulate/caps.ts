/** X's limits for one app, as a pay-per-use project has them. Source: docs.x.com, Rate limits; Filtered stream. */

export interface Caps {
  /** Rules that a project may hold. */
  readonly rulesPerProject: number;
  /** Characters (UTF-16 units: X has published no unit) that a rule may have. */
  readonly ruleLength: number;
  /** Streams that may be open at a time. A test that referees who connects raises it and counts for itself. */
  readonly connections: number;
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
  /** Calls of each other endpoint in one window. */
  readonly otherCalls: number;
  /** How long a window of these limits is. */
  readonly windowMs: number;
}

export const DEFAULT_CAPS: Caps = {
  rulesPerProject: 1_000,
  ruleLength: 1_024,
  connections: 1,
  queryLength: 512,
  connects: 50,
  ruleReads: 450,
  ruleChanges: 100,
  searches: 450,
  otherCalls: 300,
  windowMs: 15 * 60_000,
};
