import { assertEquals } from "@std/assert";
import {
  PortInUseError,
  SIMULATOR_CONSUMER_KEY,
  SIMULATOR_CONSUMER_SECRET,
  SIMULATOR_TOKEN,
  startSimulator,
} from "../../../src/simulate/simulator.ts";
import { RULES, STREAM, withSimulator } from "./session.ts";

Deno.test("without the right token everything under /2 is 401", () =>
  withSimulator({}, async ({ ask }) => {
    for (const path of [STREAM, RULES, "/2/tweets/search/recent?query=deno", "/2/usage/tweets"]) {
      const { status, body } = await ask(path, { headers: { authorization: "Bearer wrong" } });
      assertEquals([status, body], [401, {
        title: "Unauthorized",
        type: "about:blank",
        status: 401,
        detail: "Unauthorized",
      }]);
    }
  }));

Deno.test("the key pair gets the bearer token, a wrong one 403", () =>
  withSimulator({}, async ({ ask }) => {
    const authorization = `Basic ${btoa(`${SIMULATOR_CONSUMER_KEY}:${SIMULATOR_CONSUMER_SECRET}`)}`;
    const text = "grant_type=client_credentials";
    const given = await ask("/oauth2/token", { text, headers: { authorization } });
    assertEquals([given.status, given.body], [200, { token_type: "bearer", access_token: SIMULATOR_TOKEN }]);
    assertEquals((await ask("/oauth2/token", { text, headers: { authorization: "Basic abc" } })).status, 403);
    assertEquals((await ask("/oauth2/token", { text: "", headers: { authorization } })).status, 403);
  }));

Deno.test("unknown paths are 404, wrong methods 405", () =>
  withSimulator({}, async ({ ask }) => {
    assertEquals((await ask("/2/nothing")).status, 404);
    assertEquals((await ask(STREAM, { method: "DELETE" })).status, 405);
    assertEquals((await ask("/sim/nothing")).status, 404);
  }));

Deno.test("more calls than a window allows are 429 until it ends, and headers say so", () =>
  withSimulator({ caps: { ruleReads: 2 } }, async ({ ask, clock }) => {
    const first = await ask(RULES);
    assertEquals(first.headers.get("x-rate-limit-limit"), "2");
    assertEquals(first.headers.get("x-rate-limit-remaining"), "1");
    assertEquals(first.headers.get("x-rate-limit-reset"), String(clock.now() / 1000 + 900));
    assertEquals((await ask(RULES)).status, 200);
    const third = await ask(RULES);
    assertEquals([third.status, third.body.title], [429, "Too Many Requests"]);
    assertEquals(third.headers.get("x-rate-limit-remaining"), "0");
    await clock.advance(900_000);
    assertEquals((await ask(RULES)).status, 200);
  }));

Deno.test("each endpoint has a limit of its own, and its number in the headers", () =>
  withSimulator({}, async ({ ask }) => {
    const limits: readonly (readonly [method: string, path: string, limit: string])[] = [
      ["GET", RULES, "450"],
      ["POST", RULES, "100"],
      ["GET", `${RULES}/counts`, "300"],
      ["GET", "/2/tweets/search/recent?query=deno", "450"],
      ["GET", "/2/users/by?usernames=jack", "300"],
      ["GET", "/2/users?ids=1", "300"],
      ["GET", "/2/connections", "300"],
      ["DELETE", "/2/connections", "300"],
      ["DELETE", "/2/connections/all", "25"],
      ["DELETE", "/2/connections/filtered_stream", "300"],
      ["GET", "/2/usage/tweets", "50"],
      ["POST", "/oauth2/token", "300"],
    ];
    for (const [method, path, limit] of limits) {
      const { headers } = await ask(path, { method });
      const told = ["limit", "remaining"].map((name) => headers.get(`x-rate-limit-${name}`));
      assertEquals(told, [limit, String(Number(limit) - 1)], `${method} ${path}`);
      assertEquals(headers.get("x-rate-limit-reset"), String(Date.UTC(2026, 10, 23, 10, 15) / 1000));
    }
    assertEquals((await ask(STREAM, { method: "DELETE" })).headers.has("x-rate-limit-limit"), false);
  }));

Deno.test("a search above its limit is 429, and others go on", () =>
  withSimulator({ caps: { searches: 3 } }, async ({ ask, clock }) => {
    const search = () => ask("/2/tweets/search/recent?query=deno");
    const left: (string | null)[] = [];
    for (let count = 0; count < 3; count++) {
      const { status, headers } = await search();
      assertEquals(status, 200);
      left.push(headers.get("x-rate-limit-remaining"));
    }
    assertEquals(left, ["2", "1", "0"]);
    const { status, body, headers } = await search();
    assertEquals([status, body.title], [429, "Too Many Requests"]);
    assertEquals(headers.get("x-rate-limit-reset"), String(clock.now() / 1000 + 900));
    assertEquals((await ask(RULES)).status, 200);
    await clock.advance(900_000);
    assertEquals((await search()).status, 200);
  }));

Deno.test("all connections are closed at once 25 times in a window, not more", () =>
  withSimulator({}, async ({ ask }) => {
    const statuses: number[] = [];
    for (let count = 0; count < 26; count++) {
      statuses.push((await ask("/2/connections/all", { method: "DELETE" })).status);
    }
    assertEquals(statuses, [...Array(25).fill(200), 429]);
    assertEquals((await ask("/2/connections/filtered_stream", { method: "DELETE" })).status, 200);
  }));

Deno.test("connects are limited like other calls", () =>
  withSimulator({ caps: { connects: 1 } }, async ({ ask, addRules, simulator }) => {
    assertEquals((await ask(STREAM)).status, 409);
    await addRules("deno");
    assertEquals((await ask(STREAM)).body.title, "Too Many Requests");
    assertEquals(simulator.connections().map(({ outcome }) => outcome), ["RuleConfigurationIssue", "rate limit"]);
  }));

Deno.test("a port that is taken is told by its own error", () =>
  withSimulator({}, async ({ simulator }) => {
    let error: unknown;
    await startSimulator({ port: simulator.port }).catch((thrown) => error = thrown);
    assertEquals(error instanceof PortInUseError, true);
  }));

Deno.test("requests are recorded", () =>
  withSimulator({}, async ({ ask, simulator, clock }) => {
    await ask(RULES);
    await ask(STREAM);
    const at = clock.now();
    const expected = [
      { method: "GET", path: RULES, status: 200, at },
      { method: "GET", path: STREAM, status: 409, at },
    ];
    assertEquals(simulator.requests(), expected);
    const lines = (await ask("/sim/requests")).text.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(lines, expected);
  }));

Deno.test("bodies in chunks and several requests on one connection are understood", () =>
  withSimulator({}, async ({ simulator }) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: simulator.port });
    const json = '{"add":[{"value":"deno"}]}';
    const head = `authorization: Bearer ${simulator.token}\r\n`;
    const request = `POST ${RULES} HTTP/1.1\r\n${head}transfer-encoding: chunked\r\n\r\n` +
      `5\r\n${json.slice(0, 5)}\r\n${(json.length - 5).toString(16)}\r\n${json.slice(5)}\r\n0\r\n\r\n` +
      `GET ${RULES}/counts HTTP/1.1\r\n${head}\r\n`;
    await connection.write(new TextEncoder().encode(request));
    let text = "";
    const buffer = new Uint8Array(4096);
    while (!text.includes("project_rules_count")) {
      const count = await connection.read(buffer);
      if (count === null) break;
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
    connection.close();
    assertEquals(text.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 201", "HTTP/1.1 200"]);
  }));
