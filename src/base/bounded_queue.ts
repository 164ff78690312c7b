/**
 * What one side brings and another takes, in order. It promises that nothing is lost on the way, and that whoever
 * brings can tell when there is enough: the bound itself is kept by waiting for room. Taking costs the same however much
 * there is, and what was taken is not kept.
 */

import { untilAborted } from "./signals.ts";
import { WakeUps } from "./wake_ups.ts";

interface Entry<Item> {
  readonly item: Item;
  readonly size: number;
}

export class BoundedQueue<Item> {
  readonly #most: number;
  #incoming: Entry<Item>[] = [];
  /** What is taken next, the oldest last. */
  #outgoing: Entry<Item>[] = [];
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
    this.#incoming.push({ item, size });
    this.#size += size;
    this.#wakeUps.wakeAll();
  }

  /** The oldest item, as soon as there is one; undefined when nothing more comes. */
  async next(): Promise<Item | undefined> {
    let next = this.#oldest();
    while (!next && !this.#ended) {
      await this.#wakeUps.change();
      next = this.#oldest();
    }
    if (!next) return undefined;
    this.#size -= next.size;
    this.#wakeUps.wakeAll();
    return next.item;
  }

  /** Resolves when at least half of it is free; rejects with the signal's reason. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#size > this.#most / 2) await untilAborted(this.#wakeUps.change(), signal);
  }

  /** Nothing more comes. What is in it can still be taken. */
  end(): void {
    this.#ended = true;
    this.#wakeUps.wakeAll();
  }

  #oldest(): Entry<Item> | undefined {
    if (this.#outgoing.length === 0) {
      this.#outgoing = this.#incoming.reverse();
      this.#incoming = [];
    }
    return this.#outgoing.pop();
  }
}
