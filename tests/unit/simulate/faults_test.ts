import { assert, assertEquals } from "@std/assert";
import { FAULT_NAMES, type FaultName } from "../../../src/simulate/simulator.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { closeReason, RULES, STREAM, withSimulator, withStream } from "./session.ts";

/** The line that a test sends so that something comes after a fault. */
const TWEET = '{"data":{"id":"17","text":"地震です, 地震"},"matching_rules":[{"id":"4"}]}';

Deno.test(
  "disconnect: a notice in `errors`, then an orderly end",
  withStream(async (session, stream) => {
    await session.fault("disconnect");
    await stream.end();
    const { errors: [notice] } = JSON.parse(stream.lines[0]!);
    assertEquals([notice.title, notice.disconnect_type], ["operational-disconnect", "OperationalDisconnect"]);
    assertEquals([stream.error, closeReason(session)], [undefined, "disconnect"]);
  }),
);

Deno.test(
  "disconnect-top: the notice at the top level",
  withStream(async (session, stream) => {
    await session.fault("disconnect-top");
    await stream.end();
    assertEquals(JSON.parse(stream.lines[0]!).title, "operational-disconnect");
    assertEquals(stream.error, undefined);
  }),
);

Deno.test(
  "stall: nothing comes, no keep-alive either, and the connection stands",
  withStream(async (session, stream) => {
    await session.fault("stall", 60_000);
    await session.send(TWEET);
    await session.clock.advance(59_000);
    assertEquals([stream.bytes.length, stream.isOver, closeReason(session)], [0, false, undefined]);
    await session.clock.advance(21_000);
    await session.send(TWEET);
    const lines = await stream.atLeast(1);
    assertEquals(lines.filter((line) => line !== ""), [TWEET]);
    assertEquals(session.simulator.sent().length, 1);
  }),
);

Deno.test(
  "cut-line: the connection breaks in the middle of a line, which does not count as sent",
  withStream(async (session, stream) => {
    await session.send(TWEET);
    await stream.atLeast(1);
    await session.fault("cut-line");
    await session.send(TWEET);
    await stream.end();
    assert(stream.error, "the stream ended as if nothing were wrong");
    assertEquals(stream.lines, [TWEET]);
    const rest = stream.bytes.length - new TextEncoder().encode(TWEET).length - 2;
    assert(rest > 0 && rest < TWEET.length, `${rest} bytes of the second line`);
    assertEquals([session.simulator.sent().length, closeReason(session)], [1, "cut-line"]);
  }),
);

Deno.test(
  "cut-character: the connection breaks in the middle of a character",
  withStream(async (session, stream) => {
    await session.fault("cut-character");
    await session.send("{}", TWEET);
    await stream.end();
    assert(stream.error, "the stream ended as if nothing were wrong");
    assertEquals(stream.bytes.at(-1), 0xe5); // of 地, E5 9C B0
    assertEquals(closeReason(session), "cut-character");
  }),
);

Deno.test(
  "rate-limit: every request is one too many until the reset that it tells",
  withStream(async ({ fault, ask, clock }) => {
    await fault("rate-limit", 30_000);
    for (const path of [RULES, STREAM]) {
      const { status, headers } = await ask(path);
      assertEquals([status, headers.get("x-rate-limit-reset")], [429, String(clock.now() / 1000 + 30)]);
    }
    await clock.advance(30_000);
    assertEquals((await ask(RULES)).status, 200);
  }),
);

Deno.test(
  "unavailable: the stream breaks, and connects get a page of HTML",
  withStream(async (session, stream) => {
    await session.fault("unavailable", 10_000);
    await stream.end();
    assert(stream.error, "the stream ended as if nothing were wrong");
    const { status, headers, text } = await session.ask(STREAM);
    assertEquals([status, headers.get("content-type"), text.slice(0, 9)], [
      503,
      "text/html; charset=utf-8",
      "<!DOCTYPE",
    ]);
    await session.clock.advance(10_000);
    await session.open();
  }),
);

Deno.test(
  "garbage: lines of all kinds, and the stream goes on",
  withStream(async ({ fault, send }, stream) => {
    await fault("garbage");
    await send(TWEET);
    await waitUntil(() => stream.lines.includes(TWEET), { what: "the tweet after the garbage" });
    const lines = stream.lines;
    assert(lines.some((line) => line.length > 1_000_000), "no huge line");
    assert(lines.includes("[1,2,3]") && lines.includes("null"), "no JSON that is no object");
    assert(lines.some((line) => line.includes("\ufffd")), "no bytes that are no UTF-8");
  }),
);

Deno.test(
  "accept-close: the next connect gets 200 and ends at once, the one after works",
  withStream(async (session, stream) => {
    await session.fault("accept-close");
    await stream.end();
    const next = await session.open();
    await next.end();
    assertEquals([next.bytes.length, next.error], [0, undefined]);
    const last = await session.open();
    await session.send(TWEET);
    assertEquals(await last.atLeast(1), [TWEET]);
  }),
);

Deno.test(
  "slow: a few bytes at a time, then as before",
  withStream(async ({ fault, send, clock }, stream) => {
    await fault("slow", 1_000);
    await send(TWEET);
    await waitUntil(() => stream.bytes.length > 0, { what: "the first bytes" });
    assert(stream.bytes.length <= 40, `${stream.bytes.length} bytes at once`);
    for (let count = 0; count < 6; count++) await clock.advance(200);
    assertEquals(await stream.atLeast(1), [TWEET]);
  }),
);

Deno.test(
  "split: many chunks, the same bytes",
  withStream(async ({ fault, send, clock }, stream) => {
    await fault("split", 1_000);
    await send(TWEET, TWEET, TWEET, TWEET);
    assertEquals(await stream.atLeast(4), [TWEET, TWEET, TWEET, TWEET]);
    assert(stream.chunks.length > 4, `${stream.chunks.length} chunks`);
    await clock.advance(1_000);
  }),
);

Deno.test(
  "duplicate: the last tweets come again, and count as sent twice",
  withStream(async ({ fault, send, simulator }, stream) => {
    await send(TWEET);
    await stream.atLeast(1);
    await fault("duplicate");
    assertEquals(await stream.atLeast(2), [TWEET, TWEET]);
    await waitUntil(() => simulator.sent().length === 2, { what: "both are recorded" });
  }),
);

Deno.test("a fault of the stream that comes while none is open hits the next one", () =>
  withSimulator({}, async ({ addRules, fault, open }) => {
    await addRules("deno");
    await fault("disconnect");
    const stream = await open();
    await stream.end();
    assertEquals(JSON.parse(stream.lines[0]!).errors[0].title, "operational-disconnect");
  }));

Deno.test("an unknown fault is refused", () =>
  withSimulator({}, async ({ ask }) => {
    assertEquals((await ask("/sim/fault", { json: { name: "toString" } })).status, 400);
    assertEquals((await ask("/sim/fault", { text: "no json" })).status, 400);
  }));

Deno.test("faults that are asked for at the start come by themselves within a minute", async () => {
  const seen: FaultName[] = ["disconnect", "cut-line"];
  for (const fault of seen) {
    await withSimulator({ faults: [fault], rate: 1 }, async (session) => {
      await session.addRules("deno");
      const stream = await session.open();
      await session.clock.advance(62_000);
      await stream.end();
      assertEquals(closeReason(session), fault);
    });
  }
});

Deno.test("with every fault by chance the simulator goes on, and knows what it sent", () =>
  withSimulator(
    { faults: FAULT_NAMES, rate: 2, seed: 11, caps: { connects: 1e4, closesOfAll: 1e4 } },
    async (session) => {
      await session.addRules("deno", "地震");
      const received = new Set<string>();
      for (let round = 0; round < 60; round++) {
        await session.ask("/2/connections/all", { method: "DELETE" });
        const stream = await session.open().catch(() => undefined);
        await session.clock.advance(20_000);
        await waitUntil(() => {
          for (const line of stream?.lines ?? []) received.add(line);
          return session.simulator.sent().every(({ line }) => received.has(line!));
        }, { what: "all that was sent has come" });
        await stream?.leave();
      }
      const sent = session.simulator.sent();
      assert(sent.length > 10, `${sent.length} lines sent`);
      const missing = sent.filter(({ line }) => !received.has(line!));
      assertEquals(missing.map(({ id }) => id), []);
    },
  ));
