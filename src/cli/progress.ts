/** A line on the terminal that says how far long work is. Where stderr is no terminal it says nothing. */

import type { Clock } from "../base/clock.ts";
import { writeError } from "./terminal.ts";

const WIDTH = 24;
/** How often the line is written anew. */
const PACE_MS = 100;
/** Work that ends sooner needs no line. */
const PATIENCE_MS = 300;

export class Progress {
  readonly #clock: Clock;
  readonly #isTerminal: boolean;
  readonly #write: (text: string) => void;
  readonly #startedAt: number;
  #shownAt = -Infinity;
  #isShown = false;

  constructor(clock: Clock, isTerminal: boolean = Deno.stderr.isTerminal(), write = writeError) {
    this.#clock = clock;
    this.#isTerminal = isTerminal;
    this.#write = write;
    this.#startedAt = clock.now();
  }

  /** Shows what is being done, and how much of it, from 0 to 1; undefined where only the end tells. */
  show(what: string, part: number | undefined): void {
    const now = this.#clock.now();
    if (!this.#isTerminal || now - this.#startedAt < PATIENCE_MS || now - this.#shownAt < PACE_MS) return;
    this.#shownAt = now;
    this.#isShown = true;
    this.#write(`\r\u001b[K${part === undefined ? "" : `${bar(part)} `}${what}`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isShown) this.#write("\r\u001b[K");
    this.#isShown = false;
  }
}

function bar(part: number): string {
  const filled = Math.round(Math.min(part, 1) * WIDTH);
  return `[${"#".repeat(filled)}${"-".repeat(WIDTH - filled)}] ${
    String(Math.floor(Math.min(part, 1) * 100)).padStart(3)
  } %`;
}
