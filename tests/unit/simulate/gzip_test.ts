import { assert, assertEquals } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { waitUntil } from "../../support/wait_until.ts";
import { RULES, type Session, STREAM, withSimulator } from "./session.ts";

const TWEET = '{"data":{"id":"17","text":"地震です, 地震"},"matching_rules":[{"id":"4"}]}';

/** Asks without help of the platform, and answers all bytes that come until there are enough. */
async function askRaw(
  { simulator }: Session,
  path: string,
  accepted: string,
  isEnough: (bytes: Uint8Array) => boolean,
): Promise<{ head: string; body: Uint8Array }> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: simulator.port });
  const request =
    `GET ${path} HTTP/1.1\r\nauthorization: Bearer ${simulator.token}\r\naccept-encoding: ${accepted}\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  let bytes = new Uint8Array(0);
  const buffer = new Uint8Array(65_536);
  while (!isEnough(bytes)) {
    const count = await connection.read(buffer);
    if (count === null) break;
    bytes = new Uint8Array([...bytes, ...buffer.subarray(0, count)]);
  }
  const text = new TextDecoder("latin1").decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  return { head: text.slice(0, end).toLowerCase(), body: bytes.slice(end + 4) };
}

const hasHead = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes).includes("\r\n\r\n");

for (
  const [accepted, isZipped] of [
    ["gzip", true],
    ["gzip, br", true],
    ["br;q=1, gzip;q=0.5", true],
    ["identity", false],
    ["gzip;q=0", false],
    ["x-gzip-not", false],
  ] as const
) {
  Deno.test(`an answer to who accepts ${accepted} is ${isZipped ? "" : "not "}compressed`, () =>
    withSimulator({ gzip: true }, async (session) => {
      const { head, body } = await askRaw(session, RULES, accepted, hasHead);
      assertEquals(head.includes("content-encoding: gzip"), isZipped, head);
      assertEquals(Number(/content-length: (\d+)/.exec(head)?.[1]), body.length);
      const plain = isZipped ? gunzipSync(body) : body;
      assertEquals(JSON.parse(new TextDecoder().decode(plain)).meta.result_count, 0);
    }));
}

Deno.test("without the option nothing is compressed", () =>
  withSimulator({}, async (session) => {
    const { head } = await askRaw(session, RULES, "gzip", hasHead);
    assertEquals(head.includes("content-encoding"), false);
  }));

Deno.test("refusals are compressed as well, and keep their headers", () =>
  withSimulator({ gzip: true }, async ({ ask }) => {
    const { status, body, headers } = await ask(STREAM);
    assertEquals([status, body.connection_issue], [409, "RuleConfigurationIssue"]);
    assertEquals(headers.get("x-rate-limit-limit"), "50");
  }));

Deno.test("the stream is compressed on the wire", () =>
  withSimulator({ gzip: true, rate: 10 }, async (session) => {
    await session.addRules("deno");
    const { head, body } = await askRaw(session, STREAM, "gzip", (bytes) => {
      const at = new TextDecoder("latin1").decode(bytes).indexOf("\r\n\r\n");
      return at >= 0 && bytes.length > at + 50;
    });
    assert(head.includes("content-encoding: gzip") && head.includes("transfer-encoding: chunked"), head);
    // Behind the head of the first chunk: what every gzip file begins with.
    const start = new TextDecoder("latin1").decode(body).indexOf("\r\n") + 2;
    assertEquals([...body.subarray(start, start + 3)], [0x1f, 0x8b, 0x08]);
  }));

Deno.test("each line arrives at once, keep-alives too, and counts as sent", () =>
  withSimulator({ gzip: true }, async ({ addRules, open, send, clock, simulator }) => {
    await addRules("deno");
    const stream = await open();
    for (let count = 1; count <= 5; count++) {
      await send(TWEET);
      assertEquals((await stream.atLeast(count)).length, count);
      await waitUntil(() => simulator.sent().length === count, { what: "it is recorded" });
    }
    await clock.advance(20_000);
    assertEquals(await stream.atLeast(6), [TWEET, TWEET, TWEET, TWEET, TWEET, ""]);
  }));

Deno.test("what is recorded as sent is what was received, however slow or split it was", () =>
  withSimulator({ gzip: true, rate: 100, seed: 3 }, async ({ addRules, open, clock, fault, simulator }) => {
    await addRules("地震", "music");
    const stream = await open("?tweet.fields=entities");
    await fault("split", 300);
    await clock.advance(400);
    await fault("slow", 300);
    for (let step = 0; step < 10; step++) await clock.advance(100);
    simulator.pause();
    await clock.advance(2_000);
    await waitUntil(() => stream.lines.length > 50 && simulator.sent().length === stream.lines.length, { what: "all" });
    assertEquals(simulator.sent().map(({ line }) => line), stream.lines);
  }));

Deno.test("a cut in the middle of a line breaks the compressed stream as well", () =>
  withSimulator({ gzip: true }, async ({ addRules, open, send, fault, simulator }) => {
    await addRules("deno");
    const stream = await open();
    await send(TWEET);
    await stream.atLeast(1);
    await fault("cut-line");
    await send(TWEET);
    await stream.end();
    assert(stream.error, "the stream ended as if nothing were wrong");
    assertEquals(stream.lines, [TWEET]);
    assertEquals([simulator.sent().length, simulator.connections()[0]?.closeReason], [1, "cut-line"]);
  }));

Deno.test("an orderly end is one for the decoder too", () =>
  withSimulator({ gzip: true }, async ({ addRules, open, fault }) => {
    await addRules("deno");
    const stream = await open();
    await fault("disconnect");
    await stream.end();
    assertEquals([stream.lines.length, stream.error], [1, undefined]);
    await fault("accept-close");
    const empty = await open();
    await empty.end();
    assertEquals([empty.bytes.length, empty.error], [0, undefined]);
  }));
