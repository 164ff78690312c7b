/**
 * Many short texts that are kept as bytes: a million of them take the room of their letters, and the collector of
 * garbage has nothing to do with them. Texts are never taken away; the arena goes as a whole.
 */

/** How many bytes are taken at once. */
const CHUNK = 1024 * 1024;

/** How many numbers say where a text is. */
const SPAN = 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class TextArena {
  readonly #chunks: Uint8Array[] = [];
  /** How many bytes of the last chunk are used. */
  #used = 0;
  /** For each text `SPAN` numbers: its chunk, where it begins there, its length, and the room that it has. */
  #spans = new Uint32Array(SPAN * 1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Keeps a text; answers its place, which is the number of texts before it. */
  add(text: string): number {
    const place = this.#size++;
    if (this.#size * SPAN > this.#spans.length) this.#grow();
    this.#put(place, text, 1);
    return place;
  }

  /** Puts another text in a place, with room to grow where the old one's is too small. Throws RangeError as `at` does. */
  set(place: number, text: string): void {
    const { chunk, start, room } = this.#spanAt(place);
    const { read, written } = encoder.encodeInto(text, chunk.subarray(start, start + room));
    if (read === text.length) this.#spans[place * SPAN + 2] = written;
    else this.#put(place, text, 2);
  }

  /** The text in a place. Throws RangeError where there is none. */
  at(place: number): string {
    const { chunk, start, length } = this.#spanAt(place);
    return decoder.decode(chunk.subarray(start, start + length));
  }

  /** Writes a text behind all others, with room for so many times its length. */
  #put(place: number, text: string, times: number): void {
    // A UTF-16 unit takes three bytes at most.
    const most = text.length * 3 * times;
    if (this.#chunks.length === 0 || this.#used + most > CHUNK) {
      this.#chunks.push(new Uint8Array(Math.max(CHUNK, most)));
      this.#used = 0;
    }
    const last = this.#chunks.length - 1;
    const { written } = encoder.encodeInto(text, this.#chunks[last]!.subarray(this.#used));
    this.#spans.set([last, this.#used, written, written * times], place * SPAN);
    this.#used += written * times;
  }

  #spanAt(place: number): { chunk: Uint8Array; start: number; length: number; room: number } {
    if (!(place >= 0 && place < this.#size)) throw new RangeError(`Cannot find the text ${place} of ${this.#size}`);
    const [chunk = 0, start = 0, length = 0, room = 0] = this.#spans.subarray(place * SPAN, (place + 1) * SPAN);
    return { chunk: this.#chunks[chunk]!, start, length, room };
  }

  #grow(): void {
    const larger = new Uint32Array(this.#spans.length * 2);
    larger.set(this.#spans);
    this.#spans = larger;
  }
}
