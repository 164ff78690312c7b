import { assert, assertEquals, assertThrows } from "@std/assert";
import { UnavailableError } from "../../../src/base/errors.ts";
import { type EmittedEvent, Events } from "../../../src/base/events.ts";
import { startStatusServer, type StatusServer } from "../../../src/observe/status_server.ts";

function start(options: { port?: number; askedFor?: boolean; ready?: boolean; events?: Events } = {}): StatusServer {
  const { port = 0, askedFor = true, ready = true, events = new Events() } = options;
  return startStatusServer({
    host: "127.0.0.1",
    port,
    askedFor,
    events,
    readiness: () => ({ ready, reasons: ["the stream is live"] }),
    status: () => ({ state: "live" }),
    metrics: () => "traptor_up 1\n",
  });
}

async function ask(server: StatusServer, path: string, init: RequestInit = {}): Promise<[number, string]> {
  const response = await fetch(`http://${server.address}${path}`, init);
  return [response.status, await response.text()];
}

Deno.test("each path has its answer", async () => {
  const server = start();
  assertEquals(await ask(server, "/healthz"), [200, "alive\n"]);
  assertEquals(await ask(server, "/readyz"), [200, "ready\nthe stream is live\n"]);
  assertEquals(await ask(server, "/status"), [200, '{\n  "state": "live"\n}\n']);
  assertEquals(await ask(server, "/metrics"), [200, "traptor_up 1\n"]);
  assertEquals((await ask(server, "/"))[0], 404);
  await server.close();
});

Deno.test("not ready is 503, with the reasons", async () => {
  const server = start({ ready: false });
  assertEquals(await ask(server, "/readyz"), [503, "not ready\nthe stream is live\n"]);
  await server.close();
});

Deno.test("only GET and HEAD are answered, and no other site may read it", async () => {
  const server = start();
  assertEquals((await ask(server, "/status", { method: "POST" }))[0], 405);
  assertEquals((await ask(server, "/status", { method: "HEAD" }))[0], 200);
  const response = await fetch(`http://${server.address}/status`, { headers: { origin: "https://evil.example" } });
  assertEquals(response.headers.get("access-control-allow-origin"), null);
  await response.body?.cancel();
  await server.close();
});

Deno.test("on loopback a request that names another host is refused", async () => {
  const server = start();
  const [hostname, port] = server.address.split(":");
  const connection = await Deno.connect({ hostname: hostname!, port: Number(port) });
  await connection.write(
    new TextEncoder().encode("GET /status HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
  );
  const answer = await new Response(connection.readable).text();
  assert(answer.startsWith("HTTP/1.1 403"), answer);
  await server.close();
});

Deno.test("a busy port that was asked for is an error; the default moves on and says so", async () => {
  const first = start();
  const port = Number(first.address.split(":")[1]);
  assertThrows(() => start({ port }), UnavailableError, "in use");
  const events = new Events();
  const emitted: EmittedEvent[] = [];
  events.listen((event) => emitted.push(event));
  const second = start({ port, askedFor: false, events });
  assertEquals(emitted.map(({ name }) => name), ["status_moved"]);
  assertEquals((await ask(second, "/healthz"))[0], 200);
  await first.close();
  await second.close();
});
