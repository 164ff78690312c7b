/** What can go wrong, as a closed list: for the command line's help, for `/sim/fault`, for the random mischief. */

/** Each fault with what it does. Times are the simulator's clock's. */
export const FAULTS = {
  "disconnect": "X announces an operational disconnect, wrapped in `errors`, and ends the stream",
  "disconnect-top": "the same notice at the top level of the line",
  "stall": "the connection stays open and silent, without keep-alives, for 60 to 120 s",
  "cut-line": "the connection is cut in the middle of a line",
  "cut-character": "the connection is cut in the middle of a character of several bytes",
  "rate-limit": "for 15 to 45 s every request gets 429 with the time of the reset",
  "unavailable": "open streams are cut, and connects get 503 with a page of HTML for 10 to 30 s",
  "garbage": "lines that are no tweet: no JSON, arrays, a megabyte of text, unknown objects",
  "duplicate": "the last tweets come again",
  "too-many-connections": "the stream is cut, and for 30 to 60 s its slot stays taken: connects get 429",
  "phantom": "the stream is cut, and X takes it for open: for 20 minutes it is listed and its slot stays taken, " +
    "unless it is closed by request",
  "foreign-connection": "the stream is cut, and somebody else, from 203.0.113.7, has its slot for 30 to 60 s",
  "accept-close": "the stream is cut, and the next connect gets 200 and ends at once",
  "slow": "a few bytes at a time for 5 to 10 s",
  "split": "chunks of a few bytes, cut anywhere, for 10 to 20 s",
} as const;

export type FaultName = keyof typeof FAULTS;

/** The names of all faults. */
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

/** Whether a text names a fault. */
export function isFaultName(text: string): text is FaultName {
  return Object.hasOwn(FAULTS, text);
}
