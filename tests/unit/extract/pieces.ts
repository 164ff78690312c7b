/** Texts in pieces, as files and pipes hand them over, and what was found in them, in short. */

import type { Entry } from "../../../src/extract/entry.ts";

/** A text in pieces that end at the given places. */
export async function* pieces(text: string, ...ends: readonly number[]): AsyncGenerator<string> {
  let from = 0;
  for (const end of [...ends, text.length]) {
    // As from a file: a piece comes later than the one before it.
    await Promise.resolve();
    yield text.slice(from, end);
    from = end;
  }
}

/** Places to cut a text at, by chance; some of the pieces are empty. */
export function cuts(text: string, chance: () => number): number[] {
  const count = Math.floor(chance() * 8);
  return Array.from({ length: count }, () => Math.floor(chance() * (text.length + 1))).sort((a, b) => a - b);
}

/** All that comes. */
export async function all<T>(entries: AsyncIterable<T>): Promise<T[]> {
  return await Array.fromAsync(entries);
}

/** Entries, a line each: the place, then the fields, or why there are none. */
export async function inShort(entries: AsyncIterable<Entry>): Promise<string[]> {
  return (await all(entries)).map((entry) => {
    if (entry.kind === "refused") return `${entry.where} refused: ${entry.reason}`;
    const slot = `${entry.type ?? ""}${entry.slotId === undefined ? "" : `:${entry.slotId}`}`;
    return `${entry.where}: ${JSON.stringify(entry.fields)}${slot === "" ? "" : ` ${slot}`}`;
  });
}
