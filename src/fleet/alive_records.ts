/** What the holders of an app's connections told last, by the number of the connection, and what follows from it. */

import { type AliveRecord, whoTold } from "./alive_record.ts";

export class AliveRecords {
  readonly #byNumber = new Map<number, AliveRecord>();

  /** What Redis has of them now. */
  note(last: ReadonlyMap<number, AliveRecord>): void {
    for (const [number, record] of last) this.#byNumber.set(number, record);
  }

  of(number: number): AliveRecord | undefined {
    return this.#byNumber.get(number);
  }

  /** Whether X has ever granted one of them. */
  get isAnyGranted(): boolean {
    return [...this.#byNumber.values()].some(({ grantedAt }) => grantedAt > 0);
  }

  /**
   * What whoever gets a connection begins with: of the connection what its holder before told. What nobody tells to be
   * missing is not, whichever connection it came by: so the account begins where the newest one ends. A connection that
   * the holder of another one reads by now is none that is left behind.
   */
  before(number: number): AliveRecord | undefined {
    const all = [...this.#byNumber].map(([ofNumber, record]) => [ofNumber, whoTold(record)] as const);
    const newest = all.toSorted(([, one], [, other]) => other.at - one.at)[0]?.[1];
    if (!newest) return undefined;
    const own = all.find(([ofNumber]) => ofNumber === number)?.[1];
    const isRead = own !== undefined && own.connection !== "" &&
      all.some(([ofNumber, other]) =>
        ofNumber !== number && !other.released && other.connection === own.connection &&
        other.generation > own.generation
      );
    const { connection = "", grantedAt = 0, released = true } = isRead ? {} : own ?? {};
    // Of one that is alone it is the same record.
    return newest === own && !isRead ? own : { ...newest, connection, grantedAt, released };
  }
}
