/**
 * `/2/connections`: which streams are and were open, and how to be rid of them.
 * Source: X's OpenAPI document, version 2.167; docs.x.com, changelog of 2025-09-19.
 */

import type { Context } from "../context.ts";
import { type Answer, json } from "../http/answer.ts";
import type { SimulatorRequest } from "../http/request.ts";
import type { ConnectionRecord } from "../ledger.ts";
import { readNumber } from "./parameters.ts";
import { invalidRequest } from "./problems.ts";

const ENDPOINT = "filtered_stream";
const MOST = 100;

/** `GET /2/connections`, newest first. */
export function readConnections({ ledger }: Context, { query }: SimulatorRequest): Answer {
  const size = readNumber(query, "max_results", { least: 1, most: MOST, fallback: 10 });
  if (size.refusal) return size.refusal;
  const status = query.get("status") ?? "active";
  if (!["active", "inactive", "all"].includes(status)) {
    const message = `The \`status\` query parameter value [${status}] is not one of [active,inactive,all]`;
    return invalidRequest({ status: [status] }, message);
  }
  const found = ledger.connections
    .filter((record) => record.id !== undefined)
    .filter((record) => status === "all" || (record.closedAt === undefined) === (status === "active"))
    .reverse()
    .slice(0, size.value);
  return json(200, {
    ...(found.length > 0 ? { data: found.map(shown) } : {}),
    meta: { result_count: found.length },
  });
}

/** `DELETE /2/connections/all` and `/2/connections/{endpoint_id}` */
export function closeConnections(context: Context, endpoint: string): Answer {
  if (endpoint !== "all" && endpoint !== ENDPOINT) {
    return invalidRequest({ endpoint_id: [endpoint] }, `The endpoint id [${endpoint}] is not known`);
  }
  return close(context, context.connections.open.map(({ id }) => id));
}

/** `DELETE /2/connections` with `{"uuids":[...]}` */
export function closeConnectionsById(context: Context, { body }: SimulatorRequest): Answer {
  let uuids: unknown;
  try {
    uuids = JSON.parse(new TextDecoder().decode(body)).uuids;
  } catch {
    uuids = undefined;
  }
  if (!Array.isArray(uuids)) return invalidRequest({ uuids: [] }, "field is required");
  return close(context, uuids);
}

function close({ connections }: Context, ids: readonly unknown[]): Answer {
  const closed = connections.open.filter(({ id }) => ids.includes(id));
  for (const connection of closed) connection.abort("closed by request");
  connections.exorcise();
  const failed = ids.length - closed.length;
  return json(200, { data: { successful_kills: closed.length, failed_kills: failed, results: [] } });
}

function shown(record: ConnectionRecord): Record<string, unknown> {
  return {
    id: record.id,
    endpoint_name: ENDPOINT,
    client_ip: "127.0.0.1",
    connected_at: new Date(record.at).toISOString(),
    ...(record.closedAt === undefined
      ? {}
      : { disconnected_at: new Date(record.closedAt).toISOString(), disconnect_reason: record.closeReason }),
  };
}
