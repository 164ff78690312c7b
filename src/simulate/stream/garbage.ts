/** Lines that a stream should not carry, and that a client has to survive. */

import type { Random } from "../random.ts";
import type { Batch } from "./batch.ts";

const MEGABYTE = 1024 * 1024;

/** Several lines of it, in random order; each kind once. */
export function garbage(random: Random): Batch[] {
  const lines = [
    "<html><body>Bad gateway</body></html>",
    '{"data":{"id":"1',
    "[1,2,3]",
    '"a string"',
    "null",
    "42",
    "{}",
    '{"data":null}',
    '{"data":[]}',
    '{"data":{"text":"a tweet without an id"}}',
    '{"data":{"id":12345678901234567890,"text":"an id that is a number"}}',
    '{"warning":{"code":"FALLING_BEHIND","message":"Your queue is now over 60% full."}}',
    '{"__proto__":{"data":{"id":"1"}},"constructor":1}',
    '{"errors":[]}',
    '{"errors":[{"title":"Something new","detail":"that no client knows","type":"https://api.x.com/2/problems/novel"}]}',
    "\u0000\u0007\u001b[31m\u202e",
    `{"data":{"id":"2","text":"${"long ".repeat(MEGABYTE / 5)}`,
  ];
  const encoder = new TextEncoder();
  const batches: Batch[] = lines.map((line) => ({ bytes: encoder.encode(`${line}\r\n`), marks: [] }));
  // Bytes that are no UTF-8 at all.
  batches.push({ bytes: new Uint8Array([0xff, 0xfe, 0xc3, 0x28, 0xf0, 0x9f, 13, 10]), marks: [] });
  return batches.map((batch) => ({ batch, order: random.fraction() }))
    .sort((one, other) => one.order - other.order)
    .map(({ batch }) => batch);
}
