/**
 * A count that goes on over processes: what is stored elsewhere, and what was counted here since.
 *
 * It promises: what was counted is stored once. Whether a write arrived whose answer was lost is judged by what is stored
 * afterwards; and a store that has forgotten is told what it held.
 */

export class CarriedCount {
  /** The whole, as far as it is known here. */
  total = 0;
  /** What is stored, as far as that is known. */
  #stored = 0;
  /** What was sent there last. */
  #sent = 0;

  count(): void {
    this.total += 1;
  }

  /** Takes over what is stored, by whomever, and adds what was counted here since. */
  carryOn(stored: number): void {
    const hasArrived = this.#sent > this.#stored && stored >= this.#sent;
    const counted = this.total - (hasArrived ? this.#sent : this.#stored);
    this.#stored = this.#sent = Math.max(stored, this.#stored);
    this.total = this.#stored + counted;
  }

  /** The whole, which is about to be stored. */
  send(): number {
    return this.#sent = this.total;
  }

  /** What was sent is stored. */
  arrived(): void {
    this.#stored = this.#sent;
  }
}
