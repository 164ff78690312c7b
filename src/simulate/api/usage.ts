/** `GET /2/usage/tweets`: how many tweets the project has read, of its month's cap. Source: docs.x.com, Usage. */

import type { Context } from "../context.ts";
import { type Answer, json } from "../http/answer.ts";
import type { SimulatorRequest } from "../http/request.ts";
import { readNumber } from "./parameters.ts";

const CAP = 3_000_000;
const RESET_DAY = 1;

export function readUsage({ ledger, clock }: Context, { query }: SimulatorRequest): Answer {
  const days = readNumber(query, "days", { least: 1, most: 90, fallback: 7 });
  if (days.refusal) return days.refusal;
  const used = String(ledger.sentCount);
  const today = `${new Date(clock.now()).toISOString().slice(0, 10)}T00:00:00.000Z`;
  return json(200, {
    data: {
      project_id: "1",
      project_cap: String(CAP),
      project_usage: used,
      cap_reset_day: RESET_DAY,
      daily_project_usage: { project_id: "1", usage: [{ date: today, usage: used }] },
    },
  });
}
