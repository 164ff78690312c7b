/**
 * Where texts are kept, found by the text: a map from a million texts to their places that keeps no text itself, only
 * a hash of each; whoever asks compares.
 *
 * A `Map` of as many strings takes ten times the memory, and the engine interns every string that it is asked for,
 * which takes several microseconds each once there are millions.
 */

/** An empty slot. Others hold a place, counted from 1. */
const EMPTY = 0;

export class PlaceIndex {
  /** A table with open addressing: its size is a power of two, at most half of it is taken. */
  #slots = new Uint32Array(2 * 1024);
  /** The hash of the text at each place. */
  #hashes = new Uint32Array(1024);
  #size = 0;

  /** The place of a text; `isAt` tells whether the text at a place is the same. Undefined when there is none. */
  find(text: string, isAt: (place: number) => boolean): number | undefined {
    const hash = hashOf(text);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; this.#slots[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const place = this.#slots[slot]! - 1;
      if (this.#hashes[place] === hash && isAt(place)) return place;
    }
    return undefined;
  }

  /** Gives a text that is not there yet the next place: the number of texts before it. */
  add(text: string): void {
    if (this.#size === this.#hashes.length) this.#grow();
    this.#hashes[this.#size] = hashOf(text);
    this.#take(this.#size++);
  }

  #take(place: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[place]! & mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = place + 1;
  }

  #grow(): void {
    const hashes = new Uint32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let place = 0; place < this.#size; place++) this.#take(place);
  }
}

/** FNV-1a over UTF-16 units, its bits stirred: the table looks at the lowest alone. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
