/**
 * When whom a lease belonged to, from the commands that Redis carried out: what a referee believes, and no collector.
 * A lease is valid from its grant until it expires, is deleted, or is another's; a Redis that has forgotten it does not
 * end it, for its holder goes by the last answer.
 *
 * @module
 */

/** A command that Redis carried out, those in scripts too. */
export interface HeardCommand {
  /** Milliseconds since 1970, by Redis's clock. */
  readonly at: number;
  readonly words: readonly string[];
}

/** For how long a lease was one owner's, without a break; milliseconds since 1970. */
export interface LeaseTerm {
  /** `<instance>:<process>`. */
  readonly owner: string;
  readonly from: number;
  until: number;
  /** Whether it was given back, and did not run out. */
  isGivenBack?: boolean;
}

/** What a Redis that could not be heard for a while has as the lease. */
export interface LeaseState {
  readonly at: number;
  /** Empty for nobody. */
  readonly owner: string;
  readonly leftMs: number;
}

/** The instance of an owner. */
export function instanceOf({ owner }: Pick<LeaseTerm, "owner">): string {
  return owner.split(":")[0]!;
}

export class LeaseBook {
  readonly terms: LeaseTerm[] = [];
  readonly #key: string;
  #current: LeaseTerm | undefined;
  #heardAt = 0;

  constructor(key: string) {
    this.#key = key;
  }

  /** The term that is valid at a moment. */
  validAt(at: number): LeaseTerm | undefined {
    return this.#current && this.#current.until > at ? this.#current : undefined;
  }

  hear({ at, words: [name = "", key, ...args] }: HeardCommand): void {
    const command = name.toUpperCase();
    if (command === "FLUSHALL" || command === "FLUSHDB") this.#current = undefined;
    if (key !== this.#key) return;
    if (["HSET", "PEXPIRE", "DEL", "UNLINK"].includes(command)) this.#heardAt = at;
    if (command === "HSET") this.#grant(at, args);
    if (command === "PEXPIRE") this.#extend(at + Number(args[0]));
    if (command === "DEL" || command === "UNLINK") this.#end(at);
  }

  /** What was not heard is asked for. */
  learn({ at, leftMs, owner }: LeaseState): void {
    if (this.#heardAt > at) return;
    if (owner === "") {
      this.#current = undefined;
      return;
    }
    if (this.#current?.owner !== owner) this.#begin(owner, at);
    this.#extend(at + leftMs);
  }

  #grant(at: number, fields: readonly string[]): void {
    const owner = fields[fields.indexOf("owner") + 1] ?? "";
    if (this.#current && this.#current.owner === owner) this.#current.until = Math.min(this.#current.until, at);
    this.#begin(owner, at);
  }

  #begin(owner: string, at: number): void {
    this.#current = { owner, from: at, until: at };
    this.terms.push(this.#current);
  }

  #extend(until: number): void {
    if (this.#current) this.#current.until = Math.max(this.#current.until, until);
  }

  #end(at: number): void {
    if (this.#current && this.#current.until > at) {
      this.#current.until = at;
      this.#current.isGivenBack = true;
    }
    this.#current = undefined;
  }
}
