import { assertEquals, assertMatch } from "@std/assert";
import { waitUntil } from "../../support/wait_until.ts";
import { RULES, STREAM, withSimulator } from "./session.ts";

Deno.test("without rules the stream is refused with 409", () =>
  withSimulator({}, async ({ ask }) => {
    const { status, body } = await ask(STREAM);
    assertEquals([status, body.connection_issue], [409, "RuleConfigurationIssue"]);
    assertMatch(body.type, /\/streaming-connection$/);
  }));

Deno.test("while a stream is open another is refused with 429, and both are recorded", () =>
  withSimulator({}, async ({ ask, addRules, open, simulator }) => {
    await addRules("deno");
    const stream = await open();
    const { status, body, headers } = await ask(STREAM);
    assertEquals([status, body.connection_issue], [429, "TooManyConnections"]);
    assertEquals(headers.get("x-rate-limit-remaining"), "48");
    await stream.leave();
    await waitUntil(() => simulator.connections()[0]?.closeReason, { what: "the stream is closed" });
    assertEquals(simulator.connections().map(({ outcome, closeReason }) => [outcome, closeReason]), [
      ["open", "client left"],
      ["TooManyConnections", undefined],
    ]);
    await (await open()).leave();
  }));

Deno.test("with a higher cap two streams get the same tweets", () =>
  withSimulator({ caps: { connections: 2 }, rate: 10 }, async ({ addRules, open, clock }) => {
    await addRules("deno");
    const one = await open();
    const first = await one.atLeast(1);
    const other = await open();
    await clock.advance(1_000);
    const lines = await other.atLeast(5);
    assertEquals((await one.atLeast(6)).slice(1, 6), lines.slice(0, 5));
    assertEquals(first.length, 1);
  }));

Deno.test("an empty line is sent whenever nothing else was for 20 s", () =>
  withSimulator({}, async ({ addRules, open, clock, send }) => {
    await addRules("deno");
    const stream = await open();
    await clock.advance(19_999);
    assertEquals(stream.bytes.length, 0);
    await clock.advance(1);
    assertEquals(await stream.atLeast(1), [""]);
    await clock.advance(10_000);
    await send("{}");
    await stream.atLeast(2);
    await clock.advance(10_000);
    assertEquals(stream.lines.length, 2);
    await clock.advance(10_000);
    assertEquals(await stream.atLeast(3), ["", "{}", ""]);
  }));

Deno.test("a tweet has its id, text and edit history unless more is asked for, and its rules", () =>
  withSimulator({ rate: 10 }, async ({ ask, open }) => {
    const added = await ask(RULES, { json: { add: [{ value: "deno", tag: "runtimes" }] } });
    const stream = await open();
    const tweet = JSON.parse((await stream.atLeast(1))[0]!);
    assertEquals(Object.keys(tweet), ["data", "matching_rules"]);
    assertEquals(Object.keys(tweet.data), ["id", "text", "edit_history_tweet_ids"]);
    assertEquals(tweet.matching_rules, [{ id: added.body.data[0].id, tag: "runtimes" }]);
  }));

Deno.test("fields and expansions that are asked for are there, in X's order", () =>
  withSimulator({ rate: 100 }, async ({ addRules, open, clock }) => {
    await addRules("deno", "bounding_box:[13.30 52.45 13.50 52.58]");
    const stream = await open(
      "?tweet.fields=author_id,created_at,geo&expansions=author_id,geo.place_id&user.fields=created_at&place.fields=geo",
    );
    await clock.advance(1_000);
    const tweets = (await stream.atLeast(50)).map((line) => JSON.parse(line));
    for (const { data, includes } of tweets) {
      assertEquals(data.created_at.slice(0, 17), "2026-11-23T10:00:");
      const author = includes.users.find(({ id }: { id: string }) => id === data.author_id);
      assertEquals(Object.keys(author), ["id", "name", "username", "created_at"]);
    }
    const withPlace = tweets.find(({ includes }) => includes.places);
    assertEquals(Object.keys(withPlace), ["data", "includes", "matching_rules"]);
    assertEquals(withPlace.includes.places[0].id, withPlace.data.geo.place_id);
    assertEquals(withPlace.includes.places[0].geo.bbox.length, 4);
  }));

Deno.test("unknown fields and parameters, and what needs another tier, get 400", () =>
  withSimulator({}, async ({ ask, addRules }) => {
    await addRules("deno");
    for (const query of ["tweet.fields=nonsense", "expansions=author", "nonsense=1", "backfill_minutes=5"]) {
      const { status, body } = await ask(`${STREAM}?${query}`);
      assertEquals([status, body.title], [400, "Invalid Request"], query);
    }
    const { body } = await ask(`${STREAM}?tweet.fields=id,nonsense`);
    assertEquals(body.errors[0].parameters, { "tweet.fields": ["nonsense"] });
  }));

Deno.test("fields that only an author may see are an error beside the tweet", () =>
  withSimulator({ rate: 10 }, async ({ addRules, open }) => {
    await addRules("deno");
    const [line] = await (await open("?tweet.fields=organic_metrics")).atLeast(1);
    const tweet = JSON.parse(line!);
    assertEquals(tweet.errors[0].field, "organic_metrics");
    assertEquals(typeof tweet.data.text, "string");
  }));

Deno.test("a rule that is added while the stream is open has its effect without a reconnect", () =>
  withSimulator({ rate: 10, ruleDelayMs: 20_000 }, async ({ addRules, open, clock }) => {
    await addRules("deno");
    await clock.advance(20_000);
    const stream = await open();
    const [later] = await addRules("kettledrum");
    await clock.advance(19_000);
    const before = stream.lines.length;
    assertEquals(stream.lines.some((line) => line.includes(later!)), false);
    await clock.advance(10_000);
    const lines = await stream.atLeast(before + 50);
    assertEquals(lines.some((line) => line.includes(later!) && line.includes("kettledrum")), true);
  }));

Deno.test("the rate is kept, in the clock's seconds", () =>
  withSimulator({ rate: 50 }, async ({ addRules, open, clock }) => {
    await addRules("deno", "climate change");
    const stream = await open();
    await clock.advance(10_000);
    assertEquals((await stream.atLeast(501)).length, 501);
  }));

Deno.test("nothing is sent while the traffic pauses", () =>
  withSimulator({ rate: 10 }, async ({ addRules, open, clock, ask }) => {
    await addRules("deno");
    const stream = await open();
    await stream.atLeast(1);
    await ask("/sim/pause", { method: "POST" });
    await clock.advance(5_000);
    assertEquals(stream.lines.length, 1);
    await ask("/sim/resume", { method: "POST" });
    await clock.advance(1_000);
    await stream.atLeast(10);
  }));

Deno.test("what is recorded as sent is what was received, byte for byte, however it was cut into chunks", () =>
  withSimulator({ rate: 100, seed: 3 }, async ({ addRules, open, clock, ask, fault, simulator }) => {
    await addRules("地震", "music", "☕️", "lang:ar has:hashtags #خبر");
    const stream = await open("?tweet.fields=entities,author_id&expansions=author_id&user.fields=description");
    await fault("split", 500);
    await clock.advance(1_000);
    await stream.atLeast(100);
    await waitUntil(() => simulator.sent().length === stream.lines.length, { what: "all lines are recorded" });
    assertEquals(simulator.sent().map(({ line }) => line), stream.lines);
    assertEquals(new TextDecoder("utf-8", { fatal: true }).decode(stream.bytes), `${stream.lines.join("\r\n")}\r\n`);
    const records = (await ask("/sim/sent")).text.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(records.map(({ line }) => line), stream.lines);
    const last = JSON.parse(stream.lines.at(-1)!);
    assertEquals(records.at(-1).id, last.data.id);
    assertEquals(records.at(-1).rules, last.matching_rules.map(({ id }: { id: string }) => id));
    assertEquals(records.at(-1).connection, simulator.connections()[0]?.id);
    const page = (await ask("/sim/sent?skip=3&limit=2")).text.trimEnd().split("\n").map((line) => JSON.parse(line).id);
    assertEquals(page, records.slice(3, 5).map(({ id }) => id));
  }));

Deno.test("without recorded lines the ids are still there, and the oldest are let go with a count", () =>
  withSimulator({ rate: 100, recordLines: false, recordLimit: 100 }, async ({ addRules, open, clock, simulator }) => {
    await addRules("deno");
    const stream = await open();
    await clock.advance(5_000);
    const lines = await stream.atLeast(501);
    await waitUntil(() => simulator.sent().length + simulator.forgotten() === 501, { what: "all are counted" });
    const kept = simulator.sent();
    assertEquals(kept.at(-1)?.id, JSON.parse(lines.at(-1)!).data.id);
    assertEquals(kept.some(({ line }) => line !== undefined), false);
    assertEquals(simulator.forgotten() >= 390, true);
  }));

Deno.test("lines and bytes of a test's own are sent as they are", () =>
  withSimulator({}, async ({ addRules, open, ask, send, simulator }) => {
    await addRules("deno");
    const stream = await open();
    await send('{"data":{"id":"17","text":"é"},"matching_rules":[{"id":"4"}]}', "no json");
    await ask("/sim/send", { text: "half a li", headers: { "x-raw": "1" } });
    await ask("/sim/send", { text: "ne\r\n", headers: { "x-raw": "1" } });
    assertEquals((await stream.atLeast(3)).slice(1), ["no json", "half a line"]);
    await waitUntil(() => simulator.sent().length > 0, { what: "the line is recorded" });
    assertEquals(simulator.sent().map(({ id, rules }) => ({ id, rules })), [{ id: "17", rules: ["4"] }]);
  }));

Deno.test("a file is replayed once, then there are keep-alives", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, '{"data":{"id":"1","text":"a"}}\n{"data":{"id":"2","text":"b"}}\n');
  await withSimulator({ replay: path, rate: 10 }, async ({ addRules, open, clock }) => {
    await addRules("deno");
    const stream = await open();
    await clock.advance(1_000);
    await stream.atLeast(2);
    await clock.advance(20_000);
    assertEquals(await stream.atLeast(3), ['{"data":{"id":"1","text":"a"}}', '{"data":{"id":"2","text":"b"}}', ""]);
  });
  await Deno.remove(path);
});

Deno.test("a reader that does not read is given up", () =>
  withSimulator({ queueBytes: 2_000_000 }, async ({ addRules, simulator, clock, ask }) => {
    await addRules("deno");
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: simulator.port });
    const head = `GET ${STREAM} HTTP/1.1\r\nauthorization: Bearer ${simulator.token}\r\n\r\n`;
    await connection.write(new TextEncoder().encode(head));
    await waitUntil(() => simulator.connections().length === 1, { what: "the stream is open" });
    const megabyte = "x".repeat(1_000_000);
    for (let count = 0; count < 30; count++) await ask("/sim/send", { text: megabyte });
    await clock.advance(5_000);
    await waitUntil(() => simulator.connections()[0]?.closeReason, { what: "the stream is closed" });
    assertEquals(simulator.connections()[0]?.closeReason, "SlowReader");
    connection.close();
  }));
