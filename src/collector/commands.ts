/**
 * Carries out what people ask of the running collector through its journal's table `commands`, and answers there.
 *
 * It promises that a command is carried out by one collector, and answered. A journal whose disk takes nothing just then
 * is looked at again a second later.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import { diskTrouble } from "../base/sqlite.ts";
import { answer, unanswered } from "../journal/commands.ts";
import type { Journal } from "../journal/journal.ts";
import type { Companion } from "./collector.ts";
import type { Requests } from "./requests.ts";

export interface CommandsOptions {
  readonly journal: Journal;
  readonly requests: Requests;
  readonly clock: Clock;
  readonly events: Events;
}

const POLL_MS = 1_000;

export class Commands implements Companion {
  readonly #options: CommandsOptions;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** Looks for commands until the signal is aborted; rejects with its reason then. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, events, journal, requests } = this.#options;
    while (true) {
      await clock.sleep(POLL_MS, signal);
      try {
        for (const { argumentsText, name, number } of journal.use(unanswered)) {
          const words = await requests.carryOut(name, argumentsText, signal);
          journal.use((database) => answer(database, number, words, clock.now()));
        }
      } catch (error) {
        const reason = diskTrouble(error);
        if (reason === undefined) throw error;
        events.emit("journal_failed", { reason });
      }
    }
  }
}
