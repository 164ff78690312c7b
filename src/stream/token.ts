/**
 * The app's bearer token. One that X refuses may have been replaced where it came from, a file or a pair of keys: it is
 * fetched from there again, so that nobody has to start anything anew.
 */

export class Token {
  #value: string;
  readonly #fetchAgain: (signal: AbortSignal) => Promise<string>;

  /** `fetchAgain` answers what the token is now. */
  constructor(value: string, fetchAgain: (signal: AbortSignal) => Promise<string> = () => Promise.resolve(value)) {
    this.#value = value;
    this.#fetchAgain = fetchAgain;
  }

  get value(): string {
    return this.#value;
  }

  /** Fetches it again; answers whether it is another one now. Throws what fetching throws. */
  async renew(signal: AbortSignal): Promise<boolean> {
    const before = this.#value;
    this.#value = await this.#fetchAgain(signal);
    return this.#value !== before;
  }
}
