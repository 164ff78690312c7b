/** Why a repair does not go on now. */

/** One gap has to wait: for a person, for another day, for X. */
export class Postponed extends Error {
  override readonly name = "Postponed";

  /** Until when, in milliseconds since 1970, why, and what goes on with it then, for people. */
  constructor(readonly until: number, reason: string, readonly hint: string) {
    super(reason);
  }
}

/** X refuses whoever asks: every gap has to wait, for asking for the next one would be asked for in vain as well. */
export class AllPostponed extends Postponed {}

/** How long a gap is left alone that X did not answer for, and all of them where X refuses; in milliseconds. */
export const LEFT_MS = 15 * 60_000;
export const LEFT_HINT = "It is tried again in 15 minutes";
