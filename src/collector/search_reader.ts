/**
 * Reads one page of X's search: waits for X's limit, tries again what may heal, tells what does not.
 *
 * It promises that X's limit and its own schedule are kept, and that an answer that cannot be helped here is either about
 * the query (XFailure, `invalid`), or a reason to let the gap alone (Postponed), or all of them (AllPostponed).
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { Random } from "../base/random.ts";
import { UNTIL_ASKED } from "../journal/gap_repairs.ts";
import type { SearchApi, SearchPage, SearchRequest } from "../stream/search_api.ts";
import { XBackoff } from "../stream/x_backoff.ts";
import { XFailure } from "../stream/x_failure.ts";
import { AllPostponed, LEFT_HINT, LEFT_MS, Postponed } from "./repair_waits.ts";

export interface SearchReaderOptions {
  readonly search: SearchApi;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
}

/** How often a page is asked for before the gap is left for a while. */
const MOST_TRIES = 6;

export class SearchReader {
  readonly #options: SearchReaderOptions;
  readonly #gap: number;
  /** When X's limit allows the next request. */
  #readyAt = -Infinity;

  /** For the gap of a number. */
  constructor(gap: number, options: SearchReaderOptions) {
    this.#gap = gap;
    this.#options = options;
  }

  /** How long X's limit makes the next request wait, in milliseconds. */
  get waitMs(): number {
    return Math.max(0, this.#readyAt - this.#options.clock.now());
  }

  /** A page. Throws XFailure where X will not have the request, Postponed, and the signal's reason. */
  async read(request: SearchRequest, signal: AbortSignal): Promise<SearchPage> {
    const { clock, events, random, search } = this.#options;
    const backoff = new XBackoff(random);
    if (this.waitMs > 0) await clock.sleep(this.waitMs, signal);
    for (let tries = 1;; tries++) {
      try {
        const page = await search.search(request, signal);
        this.#readyAt = clock.now() + page.waitMs;
        return page;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof XFailure) || error.kind === "invalid") throw error;
        const { kind, message: reason } = error;
        if (tries === MOST_TRIES || !error.mayHeal || kind === "depleted") throw this.#postponed(error);
        const waitMs = backoff.next(error);
        events.emit("gap_search_failed", { gap: this.#gap, reason, waitMs });
        await clock.sleep(waitMs, signal);
      }
    }
  }

  #postponed({ kind, mayHeal, message }: XFailure): Postponed {
    const until = this.#options.clock.now() + LEFT_MS;
    if (kind === "forbidden") {
      return new AllPostponed(UNTIL_ASKED, message, `\`traptor gaps repair ${this.#gap}\` tries again`);
    }
    return mayHeal && kind !== "depleted"
      ? new Postponed(until, message, LEFT_HINT)
      : new AllPostponed(until, message, LEFT_HINT);
  }
}
