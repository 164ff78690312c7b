/** Those who wait for the next change of something: all are woken together, and look for themselves. */

export class WakeUps {
  #wakes: (() => void)[] = [];

  /** Resolves at the next change. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve));
  }

  /** Something has changed. */
  wakeAll(): void {
    if (this.#wakes.length === 0) return;
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }
}
