/** The checksum of a row of the journal: SQLite reads back a flipped byte without complaint. */

import { crc32 } from "node:zlib";

/** What is kept of an accepted tweet. */
export interface RecordRow {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly accepted_at: number;
  /** Numbers of rules, with commas. */
  readonly rules: string;
  /** Kafka's headers, as JSON. */
  readonly headers: string;
  readonly value: Uint8Array;
  readonly only_sink: string | null;
}

/** CRC-32 (as zlib has it) over all that a row says. */
export function checksumOf({ id, accepted_at, rules, headers, value, only_sink }: RecordRow): number {
  return crc32(value, crc32(`${id}\n${accepted_at}\n${rules}\n${headers}\n${only_sink ?? ""}\n`));
}

/** Whether a row is what was written. Fields of damaged rows may be of any type. */
export function isSound(row: RecordRow & { readonly crc: number }): boolean {
  return row.value instanceof Uint8Array && checksumOf(row) === row.crc;
}
