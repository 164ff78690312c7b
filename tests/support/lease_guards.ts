/**
 * What keeps two processes from holding one lease, each by a name, so that a test can take it away.
 *
 * @module
 */

/** Each guard, and what it says. */
export const GUARDS = {
  ownerAtAcquire: "Redis grants nothing while another's lease is there",
  ownerAtRenew: "Redis renews for the owner alone",
  generationAtRenew: "Redis renews the generation that it granted last alone",
  ownerAtRelease: "Redis takes a lease back from its owner alone",
  generationAtRelease: "Redis takes back the generation that it granted last alone",
  epochWait: "a Redis that may have lost a lease grants nothing for one TTL",
  runInEpoch: "an epoch of another run of Redis does not count",
  timeInGeneration: "generations go on from Redis's time where Redis lost the last one",
  deadlineFromSending: "the deadline is counted from before the request was sent, not from its answer",
  deadline: "the deadline is looked at before each request to X",
  monotonicDeadline: "the deadline is judged by the monotonic clock",
  wallDeadline: "the deadline is judged by the wall clock",
  clockJump: "a jump between the clocks drops the lease",
  dropsWhenLost: "a holder that hears that its lease is lost drops it",
  stopsBeforeRelease: "a holder stops before it sends the release",
  answersBeforeRelease: "an answer to a renewal that was sent before the release does not count after it",
  newcomerWait: "a newcomer waits one TTL after a holder that did not step down",
  recordAtGrant: "the grant itself writes down who holds the lease, which nobody has to tell then",
  onlyWhoHeld: "who holds no lease does not go on alone, whatever it saw of the roster",
  youngLook: "what was seen of the roster counts for one TTL",
  halfForATry: "a question that Redis does not answer counts for half a TTL, not for a whole one",
  restsWhenForgotten: "who hears that the lease is not its own begins nothing before it is granted again",
  triesAgain: "a lone holder begins nothing when its last try at Redis is too old to count",
  answersInTime:
    "a grant without the waits counts only while the last try at Redis does, or the lease that Redis forgot",
} as const;

/** The name of a guard. */
export type Guard = keyof typeof GUARDS;

/** Which guards there are. */
export type Guards = Readonly<Record<Guard, boolean>>;

const NAMES = Object.keys(GUARDS) as Guard[];

/** Nothing is taken away. */
export const ALL_GUARDS: Guards = without();

/** All guards but these. */
export function without(...taken: readonly Guard[]): Guards {
  return Object.fromEntries(NAMES.map((name) => [name, !taken.includes(name)])) as Guards;
}

/** Those without which the model of a lone instance breaks. */
export const NEEDED_ALONE = [
  "newcomerWait",
  "epochWait",
  "recordAtGrant",
  "onlyWhoHeld",
  "youngLook",
  "halfForATry",
  "restsWhenForgotten",
  "triesAgain",
  "answersInTime",
] as const satisfies readonly Guard[];
