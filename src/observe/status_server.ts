/**
 * The status server: `/healthz` (the process turns), `/readyz` (200 or 503, always with the reasons), `/status` (JSON),
 * `/metrics` (Prometheus text). GET and HEAD only, no CORS; on loopback the `Host` header must name loopback, so that
 * a web page cannot read it through a rebound name.
 */

import type { Events } from "../base/events.ts";
import type { JsonObject } from "../model/json.ts";
import { UnavailableError } from "../base/errors.ts";

/** Whether tweets can flow, with the reasons in words. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

export interface StatusServerOptions {
  host: string;
  port: number;
  /** A port that was asked for and is busy is an error; the default moves to the next free one. */
  askedFor: boolean;
  events: Events;
  readiness: () => Readiness;
  status: () => JsonObject;
  metrics: () => string;
}

export interface StatusServer {
  readonly address: string;
  close(): Promise<void>;
}

/** How many ports are tried after the default one. */
const PORTS_TO_TRY = 20;

/** Starts to listen. Throws UnavailableError when the port that was asked for is busy, or no port is free. */
export function startStatusServer(options: StatusServerOptions): StatusServer {
  const wanted = `${options.host}:${options.port}`;
  const last = options.askedFor ? options.port : Math.min(options.port + PORTS_TO_TRY, 65_535);
  for (let port = options.port; port <= last; port++) {
    const server = listen(options, port);
    if (!server) continue;
    const address = `${options.host}:${server.addr.port}`;
    if (port !== options.port) options.events.emit("status_moved", { wanted, address });
    else options.events.emit("status_listening", { address });
    return { address, close: () => server.shutdown() };
  }
  throw new UnavailableError(`Cannot serve the status at ${wanted}: the address is in use`, {
    hint:
      "Stop what uses it, name another with --status-listen HOST:PORT, or turn the status off with --status-listen off",
  });
}

/** The server, or undefined when the port is busy. */
function listen(options: StatusServerOptions, port: number): Deno.HttpServer<Deno.NetAddr> | undefined {
  try {
    return Deno.serve({ hostname: options.host, port, onListen: () => {} }, (request) => answer(request, options));
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw new UnavailableError(`Cannot serve the status at ${options.host}:${port}: ${(error as Error).message}`, {
      hint: "Name an address of this machine with --status-listen HOST:PORT",
      cause: error,
    });
  }
}

function answer(request: Request, options: StatusServerOptions): Response {
  if (request.method !== "GET" && request.method !== "HEAD") return text(405, "Only GET and HEAD are answered\n");
  if (isLoopback(options.host) && !isLoopback(hostNameOf(request))) return text(403, "Ask for a loopback address\n");
  switch (new URL(request.url).pathname) {
    case "/healthz":
      return text(200, "alive\n");
    case "/readyz": {
      const { ready, reasons } = options.readiness();
      return text(
        ready ? 200 : 503,
        `${ready ? "ready" : "not ready"}\n${reasons.map((line) => `${line}\n`).join("")}`,
      );
    }
    case "/status":
      return new Response(`${JSON.stringify(options.status(), null, 2)}\n`, {
        headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
      });
    case "/metrics":
      return text(200, options.metrics(), "text/plain; version=0.0.4; charset=utf-8");
    default:
      return text(404, "There are /healthz, /readyz, /status and /metrics\n");
  }
}

function text(status: number, body: string, type = "text/plain; charset=utf-8"): Response {
  return new Response(body, { status, headers: { "content-type": type, "cache-control": "no-store" } });
}

function hostNameOf(request: Request): string {
  return (request.headers.get("host") ?? "").replace(/:\d+$/, "");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
