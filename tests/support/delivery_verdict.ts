/**
 * What a referee says of delivery: of each connection what was accepted is a beginning without a hole, whatever was
 * accepted is in the topic, and nothing else; and where in the order of acceptance repeats lie.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Sqlite } from "../../src/base/sqlite.ts";
import type { SentRecord } from "../../src/simulate/simulator.ts";

/** What became of everything, at the end. */
export interface DeliveryVerdict {
  readonly sent: number;
  readonly accepted: number;
  /** Accepted ids that are not in the topic. */
  readonly missing: readonly string[];
  /** How many records are in the topic beyond the first of each id. */
  readonly repeats: number;
  /** The positions of those ids, in order. */
  readonly repeated: readonly number[];
}

/** The ids that a journal has accepted, with their positions: read on now and then, for it forgets the oldest. */
export class AcceptedIds {
  readonly #positions = new Map<string, number>();
  #last = 0;

  get size(): number {
    return this.#positions.size;
  }

  has(id: string): boolean {
    return this.#positions.has(id);
  }

  positionOf(id: string): number | undefined {
    return this.#positions.get(id);
  }

  ids(): Iterable<string> {
    return this.#positions.keys();
  }

  /** Reads what was accepted since the last time. */
  readOn(journal: Sqlite): void {
    const rows = journal.all<{ id: string; position: number }>(
      "SELECT id, position FROM seen WHERE position > ? ORDER BY position",
      this.#last,
    );
    for (const { id, position } of rows) this.#positions.set(id, position);
    this.#last = rows.at(-1)?.position ?? this.#last;
  }
}

/** Of what was sent on a connection nothing is left out but its end: what a kill found on its way. */
export function checkConnections(sent: readonly SentRecord[], accepted: AcceptedIds): void {
  const last = sent.at(-1)!.connection;
  for (const [connection, tweets] of Map.groupBy(sent, (record) => record.connection)) {
    const firstLost = tweets.findIndex(({ id }) => !accepted.has(id));
    if (firstLost < 0) continue;
    assert(connection !== last, "of the connection that was not killed everything is accepted");
    const later = tweets.slice(firstLost).filter(({ id }) => accepted.has(id));
    assertEquals(later, [], `connection ${connection} has a hole after ${firstLost} of ${tweets.length} tweets`);
  }
}

/** Compares what arrived with what was accepted. Throws where something arrived that was not. */
export function verdictOn(
  { sent, accepted, arrived }: { sent: number; accepted: AcceptedIds; arrived: readonly string[] },
): DeliveryVerdict {
  const times = Map.groupBy(arrived, (id) => id);
  const foreign = [...times.keys()].filter((id) => !accepted.has(id));
  assertEquals(foreign, [], "whatever is in the topic was accepted");
  const repeated = [...times].filter(([, copies]) => copies.length > 1).map(([id]) => accepted.positionOf(id)!);
  return {
    sent,
    accepted: accepted.size,
    missing: [...accepted.ids()].filter((id) => !times.has(id)),
    repeats: arrived.length - times.size,
    repeated: repeated.sort((one, other) => one - other),
  };
}

/** How many stretches of `length` positions it takes to cover some, which are in order. */
export function stretchesOver(positions: readonly number[], length: number): number {
  let stretches = 0;
  let covered = 0;
  for (const position of positions) {
    if (position < covered) continue;
    stretches += 1;
    covered = position + length;
  }
  return stretches;
}
