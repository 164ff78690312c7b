/**
 * Carries out what people ask of the running collector through its journal's table `commands`, and answers there: `ok`
 * with what came of it, or the reason why not.
 *
 * It promises that a command is carried out by one collector, and answered. A journal whose disk takes nothing just then
 * is looked at again a second later.
 */

import type { Events } from "../base/events.ts";
import { diskTrouble } from "../base/sqlite.ts";
import { answer, type Command, unanswered } from "../journal/commands.ts";
import { type DeadSelection, retryDead } from "../journal/dead_letters.ts";
import { isObject, type JsonObject, type JsonValue } from "../model/json.ts";
import type { Companion } from "./collector.ts";
import { type RepairRequestOptions, requestRepair } from "./repair_request.ts";

export interface CommandsOptions extends RepairRequestOptions {
  readonly events: Events;
}

const POLL_MS = 1_000;

/** The arguments are not what the command takes. */
class Unusable extends Error {}

export class Commands implements Companion {
  readonly #options: CommandsOptions;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** Looks for commands until the signal is aborted; rejects with its reason then. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, events, journal } = this.#options;
    while (true) {
      await clock.sleep(POLL_MS, signal);
      try {
        for (const command of journal.use(unanswered)) {
          const words = await this.#carryOut(command, signal);
          journal.use((database) => answer(database, command.number, words, clock.now()));
        }
      } catch (error) {
        const reason = diskTrouble(error);
        if (reason === undefined) throw error;
        events.emit("journal_failed", { reason });
      }
    }
  }

  async #carryOut({ name, argumentsText }: Command, signal: AbortSignal): Promise<JsonObject> {
    const { clock, journal } = this.#options;
    try {
      if (name === "gaps_repair") return requestRepair(parsed(argumentsText), this.#options);
      if (name !== "dead_retry") return { ok: false, reason: "this collector knows no such command" };
      const selection = selectionOf(argumentsText);
      return { ok: true, ...await retryDead(journal, selection, () => clock.sleep(0, signal)) };
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      return { ok: false, reason: error.message };
    }
  }
}

/** `{"numbers": [1, 2]}`, or `{"all": true}`, with `"sink": "kafka"` for those of one sink. */
function selectionOf(text: string): DeadSelection {
  const args = parsed(text);
  const { all, numbers, sink } = isObject(args) ? args : {};
  if (Array.isArray(numbers) && numbers.every((number) => Number.isSafeInteger(number))) {
    return { numbers: numbers as number[] };
  }
  if (all !== true || (sink !== undefined && typeof sink !== "string")) {
    throw new Unusable('dead_retry takes {"numbers": [1, 2]} or {"all": true}');
  }
  return sink === undefined ? {} : { sink };
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unusable("the arguments are no JSON");
  }
}
