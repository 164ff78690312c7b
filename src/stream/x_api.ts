/**
 * The seam to X's API, for everything but the stream's bytes. Each call is one or more requests and either
 * completes or throws `XFailure`; nothing is retried here. `tests/conformance/x_api.ts` holds for every implementation.
 */

/** A rule as X holds it. */
export interface XRule {
  readonly id: string;
  readonly value: string;
  readonly tag: string;
}

/** What became of the rules of one call of `addRules`. */
export interface AddedRules {
  readonly added: readonly XRule[];
  /** Rules that X held already, with X's id; the tag there may be somebody else's. */
  readonly existing: readonly { readonly id: string; readonly value: string }[];
  /** Rules that X will not take, with its words. */
  readonly refused: readonly { readonly value: string; readonly reason: string }[];
  /** Valid rules that X did not take because others in the call were invalid: to be sent again. */
  readonly untried: readonly { readonly value: string; readonly tag: string }[];
  /** True when X has no room for more rules: none of the call was taken for that reason. */
  readonly capReached: boolean;
}

export interface RuleCounts {
  /** How many rules the project may have, and has; undefined when X does not say. */
  readonly capPerProject: number | undefined;
  readonly heldByProject: number | undefined;
}

/** The most rules of one `addRules` or `deleteRules`: X names no number; its sibling Powerstream's is 100. */
export const MOST_RULES_PER_CALL = 100;

export interface XApi {
  /** All rules that X holds for this app, ours and others'. */
  rules(signal: AbortSignal): Promise<XRule[]>;
  /** Adds rules; a trial only asks what would become of them. */
  addRules(
    rules: readonly { readonly value: string; readonly tag: string }[],
    signal: AbortSignal,
    options?: { readonly isTrial?: boolean },
  ): Promise<AddedRules>;
  /** Deletes rules by X's ids; an id that is gone already is no failure. */
  deleteRules(ids: readonly string[], signal: AbortSignal): Promise<void>;
  ruleCounts(signal: AbortSignal): Promise<RuleCounts>;
}
