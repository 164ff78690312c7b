/** A look at how a text begins, before it is read. */

/** How much of a text is looked at, in UTF-16 units. */
const BEGINNING = 64 * 1024;

export interface Peeked {
  readonly beginning: string;
  /** The whole text, beginning again. */
  readonly all: AsyncIterable<string>;
  /** Closes what the text comes from, read or not. */
  close(): Promise<void>;
}

/** Reads the beginning of a text. */
export async function peeked(pieces: AsyncIterable<string>): Promise<Peeked> {
  const rest = pieces[Symbol.asyncIterator]();
  let beginning = "";
  while (beginning.trimStart().length < BEGINNING) {
    const { done, value } = await rest.next();
    if (done) break;
    beginning += value;
  }
  async function* all() {
    yield beginning;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  return {
    beginning,
    all: all(),
    async close() {
      await rest.return?.();
    },
  };
}
