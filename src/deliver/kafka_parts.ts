/**
 * A batch in parts that a topic takes. Kafka's limit is on what one partition gets in a request, compressed; as chance
 * may send a whole part to one partition, and compression may gain nothing, a part keeps below it as it is. A single
 * record above goes alone: compressed it may do, and if not, nothing else is refused with it.
 */

import type { TweetRecord } from "../model/record.ts";

/** Records that are sent together, and the place of the first in the whole batch. */
export interface BatchPart {
  readonly from: number;
  readonly records: readonly TweetRecord[];
}

/** The head of a batch in Kafka's format, and what gzip adds to what it cannot compress. */
const BATCH_HEAD_BYTES = 61 + 64;
const MOST_GROWTH = 1.001;

/** The lengths, times and offsets of a record in Kafka's format, at their longest. */
const RECORD_HEAD_BYTES = 40;
const HEADER_HEAD_BYTES = 10;

/** The parts of a batch, in order; all of it is one where there is no limit to be known. */
export function partsOf(batch: readonly TweetRecord[], mostBytes: number | undefined): BatchPart[] {
  const room = mostBytes === undefined ? Infinity : (mostBytes - BATCH_HEAD_BYTES) / MOST_GROWTH;
  const parts: BatchPart[] = [];
  let from = 0;
  let bytes = 0;
  batch.forEach((record, at) => {
    const size = sizeInBatch(record);
    if (at > from && bytes + size > room) {
      parts.push({ from, records: batch.slice(from, at) });
      [from, bytes] = [at, 0];
    }
    bytes += size;
  });
  parts.push({ from, records: from === 0 ? batch : batch.slice(from) });
  return parts;
}

/** The most bytes that a record takes in a batch; names of headers and ids are ASCII. */
function sizeInBatch({ id, value, headers }: TweetRecord): number {
  let bytes = RECORD_HEAD_BYTES + id.length + value.length;
  for (const [name, text] of Object.entries(headers)) bytes += HEADER_HEAD_BYTES + name.length + text.length;
  return bytes;
}
