/** Bytes on their way to a stream. */

import type { LineMark } from "../ledger.ts";

/** Bytes that are sent together, and where the tweets' lines are in them. */
export interface Batch {
  readonly bytes: Uint8Array;
  readonly marks: readonly LineMark[];
}
