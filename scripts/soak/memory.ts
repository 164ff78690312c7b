/** How much memory the collector has, looked at now and then. */

import type { StreamWorld } from "../../tests/support/stream_world.ts";

const EVERY_MS = 5_000;
/** A collector that has just been started has not reached its size. */
const YOUNG_MS = 30_000;
/** What the first and the last are medians of: five minutes. */
const LOOKS = 60;

export class MemorySamples {
  readonly #looks: number[] = [];
  readonly #world: StreamWorld;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(world: StreamWorld) {
    this.#world = world;
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** In bytes: the medians of the first and of the last looks, and the most. */
  medians(): { first: number; last: number; most: number } {
    return {
      first: median(this.#looks.slice(0, LOOKS)),
      last: median(this.#looks.slice(-LOOKS)),
      most: Math.max(0, ...this.#looks),
    };
  }

  #look(): void {
    const pid = this.#world.pidOlderThan(YOUNG_MS);
    if (pid === undefined) return;
    const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(statusOf(pid))?.[1];
    if (kilobytes !== undefined) this.#looks.push(Number(kilobytes) * 1024);
  }
}

/** What the system says of a process; nothing of one that has just ended. */
function statusOf(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/status`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
}
