/** The faults that keep a slot taken after the stream is gone: by nobody, by a phantom, by somebody else. */

import { assert, assertEquals } from "@std/assert";
import { closeReason, STREAM, withSimulator, withStream } from "./session.ts";

Deno.test(
  "too-many-connections: the stream breaks and its slot stays taken for a while",
  withStream(async (session, stream) => {
    await session.fault("too-many-connections", 30_000);
    await stream.end();
    assertEquals((await session.ask(STREAM)).body.connection_issue, "TooManyConnections");
    await session.clock.advance(30_000);
    await session.open();
  }),
);

Deno.test(
  "too-many-connections: closing all connections frees the slot",
  withStream(async (session, stream) => {
    await session.fault("too-many-connections", 30_000);
    await stream.end();
    assertEquals((await session.ask("/2/connections/all", { method: "DELETE" })).status, 200);
    await session.open();
  }),
);

Deno.test(
  "phantom: the stream breaks, X lists it for 20 minutes as if it stood, and gives its slot to nobody",
  withStream(async (session, stream) => {
    const id = session.simulator.connections()[0]?.id;
    await session.fault("phantom");
    await stream.end();
    assert(stream.error, "the stream ended as if nothing were wrong");
    assertEquals(closeReason(session), "phantom");
    await session.clock.advance(20 * 60_000 - 1);
    const listed = async (status: string) => (await session.ask(`/2/connections?status=${status}`)).body.data ?? [];
    const [phantom, ...others] = await listed("active");
    assertEquals([phantom.id, phantom.disconnected_at, others.length], [id, undefined, 0]);
    assertEquals((await session.ask(STREAM)).body.connection_issue, "TooManyConnections");
    await session.clock.advance(1);
    assertEquals(await listed("active"), []);
    assertEquals((await listed("inactive"))[0].disconnected_at, "2026-11-23T10:20:00.000Z");
    await session.open();
  }),
);

for (const path of ["/2/connections", "/2/connections/all", "/2/connections/filtered_stream"]) {
  Deno.test(
    `phantom: DELETE ${path} ends it at once`,
    withStream(async ({ fault, ask, open, simulator, clock }, stream) => {
      await fault("phantom");
      await stream.end();
      await clock.advance(1_000);
      const uuids = [simulator.connections()[0]?.id];
      const { body } = await ask(path, { method: "DELETE", json: { uuids } });
      assertEquals([body.data.successful_kills, body.data.failed_kills], [1, 0]);
      assertEquals((await ask("/2/connections")).body, { meta: { result_count: 0 } });
      const [inactive] = (await ask("/2/connections?status=inactive")).body.data;
      assertEquals(inactive.disconnected_at, "2026-11-23T10:00:01.000Z");
      assertEquals((await ask(path, { method: "DELETE", json: { uuids } })).body.data.successful_kills, 0);
      await open();
    }),
  );
}

Deno.test("phantom: another connection's id does not end it, and it lasts as long as it is told to", () =>
  withSimulator({ caps: { connections: 2 } }, async ({ addRules, open, fault, ask, clock }) => {
    await addRules("deno");
    const stream = await open();
    await fault("phantom", 60_000);
    await stream.end();
    await open();
    const [mine, phantom] = (await ask("/2/connections")).body.data;
    assert(mine.id !== phantom.id);
    const uuids = [mine.id, "00000000-0000-4000-a000-000000000000"];
    const { body } = await ask("/2/connections", { method: "DELETE", json: { uuids } });
    assertEquals([body.data.successful_kills, body.data.failed_kills], [1, 1]);
    assertEquals((await ask("/2/connections")).body.data.map(({ id }: { id: string }) => id), [phantom.id]);
    await clock.advance(60_000);
    assertEquals((await ask("/2/connections")).body.meta.result_count, 0);
  }));

Deno.test(
  "foreign-connection: the stream breaks, and somebody else has its slot until it leaves or is closed",
  withStream(async ({ fault, ask, clock, open, simulator }, stream) => {
    await clock.advance(1_000);
    await fault("foreign-connection", 30_000);
    await stream.end();
    const [foreign, ...others] = (await ask("/2/connections")).body.data;
    assertEquals(others, []);
    assertEquals([foreign.client_ip, foreign.connected_at], ["203.0.113.7", "2026-11-23T10:00:01.000Z"]);
    assert(foreign.id !== simulator.connections()[0]?.id);
    assertEquals((await ask(STREAM)).body.connection_issue, "TooManyConnections");
    await clock.advance(30_000);
    const again = await open();
    await fault("foreign-connection");
    await again.end();
    const uuids = [(await ask("/2/connections")).body.data[0].id];
    const { body } = await ask("/2/connections", { method: "DELETE", json: { uuids } });
    assertEquals(body.data.successful_kills, 1);
    await open();
    assertEquals(simulator.connections().filter(({ outcome }) => outcome === "open").length, 3);
  }),
);
