/**
 * X's notices that a stream ends. Sources: docs.x.com, Handling disconnections (wrapped in `errors`), twarc#462
 * (the texts), xdevplatform/twitter-api-typescript-sdk#69 (at the top level).
 */

import type { Batch } from "./batch.ts";

const DISCONNECT = {
  title: "operational-disconnect",
  disconnect_type: "OperationalDisconnect",
  detail: "This stream has been disconnected for operational reasons.",
  type: "https://api.x.com/2/problems/operational-disconnect",
};

/** One line of JSON, which is no tweet. */
export function lineOf(value: unknown): Batch {
  return { bytes: new TextEncoder().encode(`${JSON.stringify(value)}\r\n`), marks: [] };
}

export function disconnectNotice(): Batch {
  return lineOf({ errors: [DISCONNECT] });
}

export function topLevelDisconnectNotice(): Batch {
  return lineOf(DISCONNECT);
}

export function slowReaderNotice(): Batch {
  return lineOf({
    errors: [{
      ...DISCONNECT,
      disconnect_type: "SlowReader",
      detail: "This stream has been disconnected because your client was unable to keep up with us.",
    }],
  });
}
