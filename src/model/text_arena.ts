/**
 * Many short texts that are kept as bytes: a million of them take the room of their letters, and the collector of
 * garbage has nothing to do with them. Texts are never taken away; the arena goes as a whole.
 */

/** How many bytes are taken at once. */
const CHUNK = 1024 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class TextArena {
  readonly #chunks: Uint8Array[] = [];
  /** How many bytes of the last chunk are used. */
  #used = CHUNK;
  /** For each text its chunk, where it begins there, and its length. */
  #spans = new Uint32Array(3 * 1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Keeps a text; answers its place, which is the number of texts before it. */
  add(text: string): number {
    const place = this.#size++;
    if (this.#size * 3 > this.#spans.length) this.#grow();
    this.set(place, text);
    return place;
  }

  /** Puts another text in a place. */
  set(place: number, text: string): void {
    // A UTF-16 unit takes three bytes at most.
    const most = text.length * 3;
    if (this.#used + most > CHUNK) {
      this.#chunks.push(new Uint8Array(Math.max(CHUNK, most)));
      this.#used = 0;
    }
    const chunk = this.#chunks.length - 1;
    const { written } = encoder.encodeInto(text, this.#chunks[chunk]!.subarray(this.#used));
    this.#spans.set([chunk, this.#used, written], place * 3);
    this.#used += written;
  }

  /** The text in a place. Throws RangeError where there is none. */
  at(place: number): string {
    if (!(place >= 0 && place < this.#size)) throw new RangeError(`Cannot find the text ${place} of ${this.#size}`);
    const [chunk = 0, start = 0, length = 0] = this.#spans.subarray(place * 3, place * 3 + 3);
    return decoder.decode(this.#chunks[chunk]!.subarray(start, start + length));
  }

  #grow(): void {
    const larger = new Uint32Array(this.#spans.length * 2);
    larger.set(this.#spans);
    this.#spans = larger;
  }
}
