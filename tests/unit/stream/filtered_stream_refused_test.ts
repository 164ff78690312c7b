/** X refuses: a slot that is taken, a token, a request. */

import { assertEquals, assertRejects } from "@std/assert";
import { XFailure } from "../../../src/stream/x_failure.ts";
import { HeldStream } from "../../support/held_stream.ts";

const TAKEN = () =>
  new Response('{"title":"ConnectionException","detail":"at the limit","connection_issue":"TooManyConnections"}', {
    status: 429,
  });

Deno.test("a slot that somebody else has is probed every minute, and told by whom it is taken", async () => {
  const world = new HeldStream();
  world.slotLook = { holder: "by a connection from 192.0.2.7, open since 2026-11-24T10:00:00Z" };
  world.answer = TAKEN;
  await world.start();
  assertEquals(
    world.stream.status.reason,
    "the app's only connection is taken by a connection from 192.0.2.7, " +
      "open since 2026-11-24T10:00:00Z",
  );
  await world.clock.advance(10 * 60_000);
  assertEquals(world.connects.length, 11);
  await world.end();
});

Deno.test("a slot that a dead connection of ours had is used as soon as it is freed", async () => {
  const world = new HeldStream();
  world.slotLook = { freed: "own" };
  world.answer = TAKEN;
  await world.start();
  world.answer = () => world.open();
  assertEquals(world.named("connection_freed").map(({ fields }) => fields), [{ whose: "own" }]);
  await world.clock.advance(5_000);
  assertEquals([world.connects.length, world.stream.status.state], [2, "idle"]);
  await world.end();
});

Deno.test("a slot that is said to be free and is not is asked for twice, and then every minute", async () => {
  const world = new HeldStream();
  world.slotLook = { freed: "by itself" };
  world.answer = TAKEN;
  await world.start();
  await world.clock.advance(11_000);
  assertEquals(world.connects.length, 3);
  await world.clock.advance(40_000);
  assertEquals(world.connects.length, 3);
  await world.clock.advance(10 * 60_000);
  assertEquals(world.connects.length, 13);
  await world.end();
});

const UNAUTHORIZED = () => new Response('{"title":"Unauthorized","detail":"Unauthorized"}', { status: 401 });

Deno.test("a token that worked before this process is not given up: it is tried every 15 minutes, and read again", async () => {
  const world = new HeldStream(true);
  world.answer = UNAUTHORIZED;
  await world.start();
  assertEquals([world.stream.status.state, world.connects.length], ["refused", 1]);
  await world.clock.advance(46 * 60_000);
  assertEquals(world.connects.length, 4);
  world.tokenNow = "new secret";
  world.answer = () => world.open();
  await world.clock.advance(15 * 60_000);
  assertEquals(world.requested.at(-1)?.split(" ").slice(1).join(" "), "Bearer new secret");
  assertEquals([world.stream.status.state, world.named("token_renewed").length], ["idle", 1]);
  await world.end();
});

Deno.test("a token that was replaced while the stream stood is used at once", async () => {
  const world = new HeldStream();
  await world.start();
  world.tokenNow = "new secret";
  world.answer = UNAUTHORIZED;
  await world.clock.advance(20_000);
  world.bodies.at(-1)!.close();
  world.answer = () => world.requested.at(-1)!.endsWith("new secret") ? world.open() : UNAUTHORIZED();
  await world.clock.advance(0);
  assertEquals(world.stream.status.state, "idle");
  await world.end();
});

Deno.test("a request that X never took ends it, also where a token worked before", async () => {
  const world = new HeldStream(true);
  world.answer = () => new Response('{"title":"Invalid Request","detail":"no such field"}', { status: 400 });
  await world.start();
  assertEquals((await assertRejects(() => world.running!, XFailure)).kind, "invalid");
});
