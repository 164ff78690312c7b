/**
 * `/2/connections`: which streams are and were open, and how to be rid of them.
 * Source: X's OpenAPI document, version 2.167; docs.x.com, changelog of 2025-09-19.
 */

import type { Context } from "../context.ts";
import { type Answer, json } from "../http/answer.ts";
import type { SimulatorRequest } from "../http/request.ts";
import type { Listing } from "../stream/connections.ts";
import { readNumber } from "./parameters.ts";
import { invalidRequest } from "./problems.ts";

const ENDPOINT = "filtered_stream";
const MOST = 100;

/** `GET /2/connections`, newest first. */
export function readConnections({ connections }: Context, { query }: SimulatorRequest): Answer {
  const size = readNumber(query, "max_results", { least: 1, most: MOST, fallback: 10 });
  if (size.refusal) return size.refusal;
  const status = query.get("status") ?? "active";
  if (!["active", "inactive", "all"].includes(status)) {
    const message = `The \`status\` query parameter value [${status}] is not one of [active,inactive,all]`;
    return invalidRequest({ status: [status] }, message);
  }
  const found = connections.listings
    .filter((listing) => status === "all" || connections.isActive(listing) === (status === "active"))
    .reverse()
    .slice(0, size.value);
  return json(200, {
    ...(found.length > 0 ? { data: found.map((listing) => shown(listing, connections.isActive(listing))) } : {}),
    meta: { result_count: found.length },
  });
}

/** `DELETE /2/connections/all` and `/2/connections/{endpoint_id}` */
export function closeConnections(context: Context, endpoint: string): Answer {
  if (endpoint !== "all" && endpoint !== ENDPOINT) {
    return invalidRequest({ endpoint_id: [endpoint] }, `The endpoint id [${endpoint}] is not known`);
  }
  const { connections } = context;
  return close(context, connections.listings.filter((listing) => connections.isActive(listing)).map(({ id }) => id));
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
  const ended = connections.end(ids, "closed by request");
  return json(200, { data: { successful_kills: ended, failed_kills: ids.length - ended, results: [] } });
}

function shown({ id, address, connectedAt, endsAt, reason }: Listing, isActive: boolean): Record<string, unknown> {
  return {
    id,
    endpoint_name: ENDPOINT,
    client_ip: address,
    connected_at: new Date(connectedAt).toISOString(),
    ...(isActive || endsAt === undefined
      ? {}
      : { disconnected_at: new Date(endsAt).toISOString(), disconnect_reason: reason }),
  };
}
