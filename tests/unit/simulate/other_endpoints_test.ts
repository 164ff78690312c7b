import { assertEquals, assertMatch } from "@std/assert";
import { waitUntil } from "../../support/wait_until.ts";
import { withSimulator } from "./session.ts";

Deno.test("users are found by name and by id, and stay who they are", () =>
  withSimulator({}, async ({ ask }) => {
    const { status, body } = await ask("/2/users/by?usernames=Jack,missing_person&user.fields=created_at");
    assertEquals(status, 200);
    assertEquals(body.data.length, 1);
    assertEquals(body.data[0].username, "Jack");
    assertEquals(body.errors[0].resource_id, "missing_person");
    const byId = await ask(`/2/users?ids=${body.data[0].id},783214`);
    assertEquals(byId.body.data.map(({ username }: { username: string }) => username), ["Jack", "user_783214"]);
    assertEquals((await ask("/2/users/by?usernames=not-a-name")).status, 400);
    assertEquals((await ask("/2/users?ids=")).status, 400);
  }));

Deno.test("tweets of a rule's user are by the user that the look-up names", () =>
  withSimulator({ rate: 10 }, async ({ ask, addRules, open }) => {
    await addRules("from:jack");
    const tweet = JSON.parse((await (await open("?tweet.fields=author_id")).atLeast(1))[0]!);
    const { body } = await ask("/2/users/by?usernames=jack");
    assertEquals(tweet.data.author_id, body.data[0].id);
  }));

Deno.test("connections are listed, open and closed", () =>
  withSimulator({}, async ({ ask, addRules, open, clock, simulator }) => {
    await addRules("deno");
    const stream = await open();
    const active = (await ask("/2/connections?endpoints=filtered_stream")).body;
    assertEquals(active.data.length, 1);
    assertEquals(active.data[0].endpoint_name, "filtered_stream");
    assertEquals(active.data[0].connected_at, "2026-11-23T10:00:00.000Z");
    await clock.advance(1_000);
    await stream.leave();
    await waitUntil(() => simulator.connections()[0]?.closeReason, { what: "the stream is closed" });
    assertEquals((await ask("/2/connections")).body, { meta: { result_count: 0 } });
    const inactive = (await ask("/2/connections?status=inactive")).body.data[0];
    assertEquals([inactive.disconnected_at, inactive.disconnect_reason], ["2026-11-23T10:00:01.000Z", "client left"]);
    assertEquals((await ask("/2/connections?status=odd")).status, 400);
  }));

Deno.test("connections are closed all at once, by endpoint and by id", () =>
  withSimulator({}, async ({ ask, addRules, open, simulator }) => {
    await addRules("deno");
    const closeBy = async (request: () => ReturnType<typeof ask>) => {
      const stream = await open();
      const { status, body } = await request();
      assertEquals([status, body.data.successful_kills], [200, 1]);
      await stream.end();
    };
    const remove = (path: string, text?: string) => ask(path, { method: "DELETE", ...(text ? { text } : {}) });
    await closeBy(() => remove("/2/connections/all"));
    await closeBy(() => remove("/2/connections/filtered_stream"));
    await closeBy(() => remove("/2/connections", JSON.stringify({ uuids: [simulator.connections().at(-1)?.id] })));
    assertEquals(simulator.connections().map(({ closeReason }) => closeReason), Array(3).fill("closed by request"));
    assertMatch(simulator.connections()[0]?.id ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assertEquals((await remove("/2/connections/firehose")).status, 400);
    assertEquals((await remove("/2/connections", "{}")).status, 400);
  }));

Deno.test("usage counts the tweets that were sent", () =>
  withSimulator({ rate: 10 }, async ({ ask, addRules, open, clock, simulator }) => {
    await addRules("deno");
    const stream = await open();
    await clock.advance(1_000);
    await stream.atLeast(11);
    await waitUntil(() => simulator.sent().length === 11, { what: "all are counted" });
    const { body } = await ask("/2/usage/tweets?days=1");
    assertEquals(body.data.project_usage, "11");
    assertEquals((await ask("/2/usage/tweets?days=91")).status, 400);
  }));
