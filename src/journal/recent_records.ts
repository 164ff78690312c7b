/**
 * The records that were written last, kept in memory, so that a sink which keeps up need not read them back from the
 * disk. Bounded by bytes; whoever is behind reads the disk.
 */

import type { BatchLimits, Position } from "../model/backlog.ts";
import type { AcceptedRecord } from "./record_rows.ts";

const MOST_BYTES = 16 * 1024 * 1024;

export class RecentRecords {
  /** In order, without holes: `#records[i]` has the position `#first + i`. */
  #records: AcceptedRecord[] = [];
  #first: Position = 1;
  #bytes = 0;

  /** Adds records that follow those before; where they do not, those before are forgotten. */
  add(records: readonly AcceptedRecord[]): void {
    const [next] = records;
    if (!next) return;
    if (next.position !== this.#first + this.#records.length) {
      this.clear();
      this.#first = next.position;
    }
    for (const record of records) {
      this.#records.push(record);
      this.#bytes += record.record.value.length;
    }
    let tooMany = 0;
    for (let bytes = this.#bytes; bytes > MOST_BYTES; tooMany++) bytes -= this.#records[tooMany]!.record.value.length;
    this.#drop(tooMany);
  }

  /** The records after a position that are for a sink, at most one batch; undefined when the disk has to be asked. */
  after(position: Position, sink: string, limits: BatchLimits): AcceptedRecord[] | undefined {
    // None at all says nothing: there may be records from before the start.
    const isHere = position + 1 >= this.#first && position < this.#first + this.#records.length;
    if (this.#records.length === 0 || !isHere) return undefined;
    const found: AcceptedRecord[] = [];
    let bytes = 0;
    for (let at = position + 1 - this.#first; at < this.#records.length && found.length < limits.records; at++) {
      const record = this.#records[at]!;
      if (record.onlySink !== undefined && record.onlySink !== sink) continue;
      bytes += record.record.value.length;
      if (found.length > 0 && bytes > limits.bytes) break;
      found.push(record);
    }
    return found;
  }

  /** Lets go of what all sinks have. */
  forgetUpTo(position: Position): void {
    this.#drop(Math.min(position + 1 - this.#first, this.#records.length));
  }

  clear(): void {
    this.#first += this.#records.length;
    this.#records = [];
    this.#bytes = 0;
  }

  #drop(count: number): void {
    if (count <= 0) return;
    for (const { record } of this.#records.splice(0, count)) this.#bytes -= record.value.length;
    this.#first += count;
  }
}
