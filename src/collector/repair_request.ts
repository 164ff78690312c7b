/**
 * A person asks for the repair of one gap, or of all: what that is likely to cost is compared with what they allow, or
 * with what the settings do.
 */

import type { Clock } from "../base/clock.ts";
import { allowRepair, repairableGaps, spentOnDayOf } from "../journal/gap_repairs.ts";
import { type Gap, gapIn } from "../journal/gaps.ts";
import type { Journal } from "../journal/journal.ts";
import { isObject, type JsonObject, type JsonValue } from "../model/json.ts";
import { DOLLAR, dollars } from "../model/prices.ts";
import type { GapRepair } from "./gap_repair.ts";
import { likelyCost } from "./repair_purse.ts";

export interface RepairRequestOptions {
  readonly journal: Journal;
  /** Absent where GAP_REPAIR is off. */
  readonly repair: Pick<GapRepair, "hurry" | "isFree"> | undefined;
  readonly mostPerGap: number;
  readonly mostPerDay: number;
  readonly clock: Clock;
}

/** The most that a person can allow, in dollars: more is a slip. */
const MOST_USD = 1_000_000;

/** What came of it: the gaps that are repaired now, and those that are not, with the reason. */
interface Answer {
  readonly repaired: number[];
  readonly refused: { readonly gap: number; readonly reason: string }[];
}

/**
 * Carries out `{"gap": 3}` or `{"all": true}`, with `"max_usd": 12` for what it may cost in dollars. Throws SqliteError
 * and DiskError where the register cannot be written.
 */
export function requestRepair(args: JsonValue, options: RepairRequestOptions): JsonObject {
  const { gap: number, max_usd: most } = isObject(args) ? args : {};
  const isForAll = isObject(args) && args["all"] === true;
  if (!isForAll && !Number.isSafeInteger(number)) return refusal('gaps_repair takes {"gap": 3} or {"all": true}');
  if (most !== undefined && !(typeof most === "number" && most > 0 && most <= MOST_USD)) {
    return refusal(`max_usd has to be above 0, and at most ${MOST_USD}`);
  }
  const { journal, repair } = options;
  if (!repair) return refusal("GAP_REPAIR is off");
  const gaps = isForAll
    ? journal.use(repairableGaps)
    : [journal.use((database) => gapIn(database, number as number))].filter((gap) => gap !== undefined);
  if (gaps.length === 0 && !isForAll) return refusal(`there is no gap ${number}`);
  const answer = allowed(gaps, most === undefined ? undefined : most * DOLLAR, options);
  repair.hurry();
  return { ok: true, repaired: answer.repaired, refused: answer.refused.map((one) => ({ ...one })) };
}

function allowed(
  gaps: readonly Gap[],
  most: number | undefined,
  { clock, journal, mostPerDay, mostPerGap, repair }: RepairRequestOptions,
): Answer {
  const answer: Answer = { repaired: [], refused: [] };
  const chosen: { readonly number: number; readonly cost: number }[] = [];
  let left = most ?? mostPerDay - journal.use((database) => spentOnDayOf(database, clock.now()));
  for (const gap of gaps) {
    const isFree = repair?.isFree(gap) ?? false;
    const cost = isFree ? 0 : journal.use((database) => likelyCost(database, gap)) ?? 0;
    const limit = Math.max(0, Math.min(most ?? mostPerGap, left));
    const dear = `it would cost about ${dollars(cost)}, and ${dollars(limit)} is left: --max-usd allows more`;
    const reason = whyNot(gap) ?? (cost > limit ? dear : undefined);
    if (reason !== undefined) {
      answer.refused.push({ gap: gap.number, reason });
      continue;
    }
    chosen.push({ number: gap.number, cost });
    left -= cost;
  }
  for (const { cost, number } of chosen) {
    // Estimates may be too low: what is left is shared out, for together they may cost no more.
    const limit = Math.floor(Math.min(most ?? mostPerGap, cost + left / chosen.length));
    journal.use((database) => allowRepair(database, number, limit));
    answer.repaired.push(number);
  }
  return answer;
}

function whyNot({ endedAt, outcome, state }: Gap): string | undefined {
  if (endedAt === undefined) return "it is not over yet";
  if (state === "closed" || state === "unrecoverable") return `it is ${state}${outcome === "" ? "" : ` (${outcome})`}`;
  return undefined;
}

function refusal(reason: string): JsonObject {
  return { ok: false, reason };
}
