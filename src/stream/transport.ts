/**
 * The way to X for everything: one `fetch` with the private CA, if there is one, and the user agent. Proxies
 * (`HTTPS_PROXY`, `NO_PROXY`) are obeyed by `fetch` itself. The token goes only where the settings allow.
 */

import type { Clock } from "../base/clock.ts";
import { untilAborted } from "../base/signals.ts";
import { TimeAhead } from "./time_ahead.ts";
import { timeIn } from "./x_time.ts";

export interface TransportOptions {
  /** Where the API is: `https://api.x.com` or a simulator. */
  apiUrl: string;
  /** Certificates in PEM of a private CA. */
  caCertificates?: string;
  /** Sent as `User-Agent`: X asks for the client and its version. */
  userAgent: string;
  clock: Clock;
}

export interface Transport {
  /** How far X's clock is ahead of ours, in milliseconds, as its answers told; undefined before X has answered. */
  readonly aheadMs: number | undefined;
  /** Asks X: `path` begins with a slash. Rejects as `fetch` does. */
  fetch(path: string, request: RequestInit): Promise<Response>;
  close(): void;
}

/**
 * The same way, for as long as requests may begin: `mayAct` is asked right before each does, and one that may not fails
 * as if there were no network.
 */
export function permitted(transport: Transport, mayAct: () => boolean): Transport {
  return {
    get aheadMs() {
      return transport.aheadMs;
    },
    fetch(path, request) {
      if (!mayAct()) return Promise.reject(new Error("this instance does not hold the app's connection"));
      return transport.fetch(path, request);
    },
    close: () => transport.close(),
  };
}

export function openTransport(options: TransportOptions): Transport {
  const client = options.caCertificates === undefined
    ? undefined
    : Deno.createHttpClient({ caCerts: [options.caCertificates] });
  const { clock } = options;
  const ahead = new TimeAhead();
  let hasAnswered = false;
  const base = options.apiUrl.replace(/\/+$/, "");
  return {
    get aheadMs() {
      return hasAnswered ? ahead.ms ?? 0 : undefined;
    },
    async fetch(path, request) {
      const headers = new Headers(request.headers);
      headers.set("User-Agent", options.userAgent);
      const askedAt = clock.now();
      const asked = fetch(`${base}${path}`, { ...request, headers, redirect: "error", ...(client ? { client } : {}) });
      const response = await (request.signal ? untilAborted(asked, request.signal) : asked);
      hasAnswered = true;
      const date = timeIn(response, NaN);
      if (!Number.isNaN(date)) ahead.learn({ askedAt, answeredAt: clock.now(), date });
      return response;
    },
    close: () => client?.close(),
  };
}
