/**
 * `/sim/`: what no X has, for tests: what was sent, who came, what was asked; faults, lines and pauses at will.
 * No token is asked for: it listens on loopback alone.
 */

import type { Context } from "./context.ts";
import { isFaultName } from "./faults.ts";
import { type Answer, json, jsonLines } from "./http/answer.ts";
import type { SimulatorRequest } from "./http/request.ts";
import type { Batch } from "./stream/batch.ts";
import { markOf } from "./stream/traffic.ts";

type Handler = (context: Context, request: SimulatorRequest) => Answer;

const HANDLERS: Readonly<Record<string, Handler>> = {
  "GET /sim/sent": ({ ledger }, { query }) => {
    const answer = jsonLines(ledger.sent(Number(query.get("skip") ?? 0), Number(query.get("limit") ?? Infinity)));
    return { ...answer, headers: { ...answer.headers, "x-forgotten": String(ledger.forgotten) } };
  },
  "GET /sim/connections": ({ ledger }) => jsonLines(ledger.connections),
  "GET /sim/requests": ({ ledger }) => jsonLines(ledger.requests),
  "GET /sim/rules": ({ rules }) => jsonLines(rules.all.map(({ id, value, tag }) => ({ id, value, tag }))),
  "POST /sim/fault": fault,
  "POST /sim/send": send,
  "POST /sim/pause": ({ traffic }) => {
    traffic.pause();
    return json(200, { paused: true });
  },
  "POST /sim/resume": ({ traffic }) => {
    traffic.resume();
    return json(200, { paused: false });
  },
};

export function control(context: Context, request: SimulatorRequest): Answer {
  const handler = HANDLERS[`${request.method} ${request.path}`];
  return handler
    ? handler(context, request)
    : json(404, { error: "there is nothing here", known: Object.keys(HANDLERS) });
}

/** `{"name": "stall", "ms": 5000}`; without `ms` chance decides how long it lasts. */
function fault({ mischief }: Context, { body }: SimulatorRequest): Answer {
  let given: { name?: unknown; ms?: unknown };
  try {
    given = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return json(400, { error: "the body is no JSON" });
  }
  const { name, ms } = given;
  if (typeof name !== "string" || !isFaultName(name)) return json(400, { error: "no fault has this name" });
  mischief.fire(name, typeof ms === "number" ? ms : undefined);
  return json(200, { fired: name });
}

/** Lines for the open streams, as they are; with `x-raw: 1` the bytes and nothing else. */
function send({ connections }: Context, { body, headers }: SimulatorRequest): Answer {
  const batch = headers.get("x-raw") === "1" ? { bytes: body, marks: [] } : linesOf(body);
  for (const connection of connections.open) connection.send(batch);
  return json(200, { connections: connections.open.length });
}

function linesOf(body: Uint8Array): Batch {
  const text = new TextDecoder().decode(body);
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  const encoder = new TextEncoder();
  const bytes = encoder.encode(lines.map((line) => `${line}\r\n`).join(""));
  let at = 0;
  const marks = lines.map((line) => {
    const start = at;
    at += encoder.encode(line).length + 2;
    const [id, rules] = markOf(line);
    return { id, kind: "live" as const, rules, start, end: at - 2 };
  });
  return { bytes, marks: marks.filter(({ id }) => id !== "") };
}
