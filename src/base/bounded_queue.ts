/**
 * A queue with an end: at most so many items of so many bytes. It never drops; a full queue answers `false`,
 * and whoever puts things in decides what that means. One reader.
 */

/** Where the queue ends. */
export interface QueueLimits {
  readonly items: number;
  readonly bytes: number;
}

export class BoundedQueue<T> {
  readonly #limits: QueueLimits;
  #items: { value: T; bytes: number }[] = [];
  #head = 0;
  #bytes = 0;
  #closed = false;
  #wakeReader: (() => void) | undefined;
  #wakeWriters: (() => void)[] = [];

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there is no room for another item. One item always fits in an empty queue, whatever its size. */
  get full(): boolean {
    return this.size > 0 && (this.size >= this.#limits.items || this.#bytes >= this.#limits.bytes);
  }

  /** Puts an item in; answers `false`, and changes nothing, when the queue is full or closed. */
  put(value: T, bytes: number): boolean {
    if (this.full || this.#closed) return false;
    this.#items.push({ value, bytes });
    this.#bytes += bytes;
    this.#wakeReader?.();
    this.#wakeReader = undefined;
    return true;
  }

  /** Resolves when there is room, or when the queue is closed. */
  async room(): Promise<void> {
    while (this.full && !this.#closed) await new Promise<void>((resolve) => this.#wakeWriters.push(resolve));
  }

  /** Takes up to `most` items out, waiting for the first; an empty list means closed and drained. */
  async take(most: number): Promise<T[]> {
    while (this.size === 0) {
      if (this.#closed) return [];
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
    const end = Math.min(this.#items.length, this.#head + most);
    const taken = this.#items.slice(this.#head, end);
    this.#head = end;
    for (const item of taken) this.#bytes -= item.bytes;
    // Dropping the front only now and then keeps taking cheap.
    if (this.#head > 1024 || this.#head === this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    const writers = this.#wakeWriters;
    this.#wakeWriters = [];
    for (const wake of writers) wake();
    return taken.map((item) => item.value);
  }

  /** Nothing more goes in; what is inside can still be taken. */
  close(): void {
    this.#closed = true;
    this.#wakeReader?.();
    const writers = this.#wakeWriters;
    this.#wakeWriters = [];
    for (const wake of writers) wake();
  }
}
