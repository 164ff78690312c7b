/** What people ask of the running collector, whichever way it comes: carried out, and answered with `ok` or the reason why not. */

import { type DeadSelection, retryDead } from "../journal/dead_letters.ts";
import { isObject, type JsonObject, type JsonValue } from "../model/json.ts";
import { type RepairRequestOptions, requestRepair } from "./repair_request.ts";

export interface RequestsOptions extends RepairRequestOptions {
  /** Lets another instance have the app's connection; answers why not. Absent where there are no others. */
  readonly stepDown: (() => string | undefined) | undefined;
}

/** The arguments are not what the command takes. */
class Unusable extends Error {}

export class Requests {
  readonly #options: RequestsOptions;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** Carries a command out, with its arguments as JSON. Throws SqliteError and DiskError; rejects with the signal's reason. */
  async carryOut(name: string, argumentsText: string, signal: AbortSignal): Promise<JsonObject> {
    const { clock, journal } = this.#options;
    try {
      if (name === "gaps_repair") return requestRepair(parsed(argumentsText), this.#options);
      if (name === "handover") return this.#handOver();
      if (name !== "dead_retry") return { ok: false, reason: "this collector knows no such command" };
      const selection = selectionOf(argumentsText);
      return { ok: true, ...await retryDead(journal, selection, () => clock.sleep(0, signal)) };
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      return { ok: false, reason: error.message };
    }
  }

  #handOver(): JsonObject {
    const { stepDown } = this.#options;
    const reason = stepDown ? stepDown() : "its rules come from a file, so no other instance can take over";
    return reason === undefined ? { ok: true } : { ok: false, reason };
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
