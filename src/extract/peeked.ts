/** A look at how a text begins, before it is read. */

/** How much of a text is looked at, in UTF-16 units. */
const BEGINNING = 64 * 1024;

/** The beginning of a text, and all of it, beginning again. */
export async function peeked(
  pieces: AsyncIterable<string>,
): Promise<{ beginning: string; all: AsyncIterable<string> }> {
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
  return { beginning, all: all() };
}
