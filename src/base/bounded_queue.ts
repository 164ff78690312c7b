/**
 * What one side brings and another takes, in order. It promises that nothing is lost on the way, and that whoever
 * brings can tell when there is enough: the bound itself is kept by waiting for room.
 */

import { untilAborted } from "./signals.ts";
import { WakeUps } from "./wake_ups.ts";

export class BoundedQueue<Item> {
  readonly #most: number;
  readonly #items: { readonly item: Item; readonly size: number }[] = [];
  readonly #wakeUps = new WakeUps();
  #size = 0;
  #ended = false;

  /** Full when the sizes of the items together are `most` or more. */
  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#size >= this.#most;
  }

  add(item: Item, size: number): void {
    this.#items.push({ item, size });
    this.#size += size;
    this.#wakeUps.wakeAll();
  }

  /** The oldest item, as soon as there is one; undefined when nothing more comes. */
  async next(): Promise<Item | undefined> {
    while (this.#items.length === 0 && !this.#ended) await this.#wakeUps.change();
    const next = this.#items.shift();
    if (!next) return undefined;
    this.#size -= next.size;
    this.#wakeUps.wakeAll();
    return next.item;
  }

  /** Resolves when it is not full; rejects with the signal's reason. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.isFull) await untilAborted(this.#wakeUps.change(), signal);
  }

  /** Nothing more comes. What is in it can still be taken. */
  end(): void {
    this.#ended = true;
    this.#wakeUps.wakeAll();
  }
}
