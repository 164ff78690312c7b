/**
 * X's ids: the time in milliseconds since X's epoch, above 22 bits that tell apart what happened in one millisecond.
 * They are strings, for they are greater than what a JSON number carries.
 */

const EPOCH_MS = 1_288_834_974_657;
const LOW_BITS = 0x3fffff;

/** The id of something that happened at `ms` (since 1970); `sequence` tells it apart from its neighbours. */
export function snowflake(ms: number, sequence: number): string {
  return ((BigInt(ms - EPOCH_MS) << 22n) | BigInt(sequence & LOW_BITS)).toString();
}

/** Whether `id` is less than `other`; both are decimal digits without leading zeros. */
export function isBefore(id: string, other: string): boolean {
  return id.length === other.length ? id < other : id.length < other.length;
}
