/** What stands between an instance of a fleet and the world: its way to X notes, its way to Redis can be cut, its clock be moved. */

import { assert, assertEquals } from "@std/assert";
import { startSimulator } from "../../src/simulate/simulator.ts";
import { FleetFront, Turns } from "../support/fleet_front.ts";
import { HeldWay } from "../support/held_way.ts";
import { FAKETIME, MovedClock } from "../support/moved_clock.ts";
import { withFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

const RULES = "/2/tweets/search/stream/rules";
const STREAM = "/2/tweets/search/stream";

Deno.test("a way to X passes on what is said, and knows whose connection is whose", async () => {
  const simulator = await startSimulator({ rate: 100, caps: { connections: 5 } });
  const turns = new Turns();
  const [one, two] = [new FleetFront(simulator, turns), new FleetFront(simulator, turns)];
  const headers = { authorization: `Bearer ${simulator.token}`, "content-type": "application/json" };
  const body = JSON.stringify({ add: [{ value: "deno" }] });
  const before = Date.now();
  const added = await (await fetch(`${one.url}${RULES}`, { method: "POST", headers, body })).json();
  assertEquals(added.meta.summary.created, 1);
  const refused = await fetch(`${two.url}${STREAM}?expansions=nothing`, { headers });
  assertEquals(refused.status, 400);
  await refused.body?.cancel();
  const [first, second] = await Promise.all([one, two].map(({ url }) => fetch(`${url}${STREAM}`, { headers })));
  const reader = first!.body!.getReader();
  assert(new TextDecoder().decode((await reader.read()).value).includes('"data"'));
  assertEquals(one.requests.map(({ method, path }) => `${method} ${path}`), [`POST ${RULES}`, `GET ${STREAM}`]);
  assert(one.requests[0]!.beganAt >= before && one.requests[0]!.endedAt! >= one.requests[0]!.beganAt);
  assertEquals([one, two].map(({ connections }) => connections.map(({ status }) => status)), [[200], [400, 200]]);
  const [id] = one.connections.map((connection) => connection.id);
  assert(simulator.connections().some((connection) => connection.id === id) && two.connections[1]!.id !== id);
  assertEquals([one.isConnected, one.requests[1]!.endedAt], [true, undefined]);
  await reader.cancel();
  await waitUntil(() => !one.isConnected && one.requests[1]!.endedAt !== undefined, { what: "the end at X" });
  assertEquals(two.isConnected, true);
  await second!.body!.cancel();
  await waitUntil(() => !two.isConnected, { what: "the other end at X" });
  await one[Symbol.asyncDispose]();
  await two[Symbol.asyncDispose]();
  await simulator.close();
});

Deno.test("a way that is cut holds what is on it, and gives it back, or breaks", async () => {
  const echo = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of echo) connection.readable.pipeTo(connection.writable).catch(() => {});
  })();
  await using way = new HeldWay(echo.addr.port);
  const client = await Client.to(way.port);
  await client.says("one");
  assertEquals(await client.hears(), "one");
  way.hold();
  await client.says("two");
  const hearing = client.hears();
  assertEquals(await Promise.race([hearing, later("nothing")]), "nothing");
  way.restore();
  assertEquals(await hearing, "two");
  way.hold();
  await client.says("three");
  way.restore({ isForgotten: true });
  assertEquals(await client.hears(), undefined);
  way.refuse();
  const refused = await Client.to(way.port);
  assertEquals(await refused.hears(), undefined);
  way.restore();
  const again = await Client.to(way.port);
  await again.says("four");
  assertEquals(await again.hears(), "four");
  again.close();
  echo.close();
  await serving;
});

Deno.test({
  name: `a clock is moved while its process runs${FAKETIME ? "" : " (ignored: faketime is not installed)"}`,
  ignore: FAKETIME === undefined,
  fn: () =>
    withFolder(async (folder) => {
      const clock = new MovedClock(`${folder}/clock`);
      const script = "for (;;) { console.log(Date.now(), performance.now()); " +
        "await new Promise((resolve) => setTimeout(resolve, 20)); }";
      const child = new Deno.Command(Deno.execPath(), {
        args: ["eval", script],
        env: clock.environment,
        stdout: "piped",
      }).spawn();
      const lines: number[][] = [];
      const reading = (async () => {
        for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
          lines.push(...text.trim().split("\n").map((line) => line.split(" ").map(Number)));
        }
      })();
      const isAhead = (ms: number) => () => Math.abs(lines.at(-1)![0]! - Date.now() - ms) < 500;
      await waitUntil(isAhead(0), { what: "the right time" });
      clock.move(90_000);
      await waitUntil(isAhead(90_000), { what: "ahead" });
      const shown = lines.at(-1)![0]!;
      clock.move(-1_500);
      await waitUntil(isAhead(-1_500), { what: "behind" });
      child.kill("SIGKILL");
      await Promise.all([child.status, reading]);
      assertEquals(clock.momentsOf(shown), [shown - 90_000]);
      const monotonic = lines.map(([, at]) => at!);
      assert(monotonic.every((at, index) => index === 0 || at >= monotonic[index - 1]!), "it never goes back");
      assert(monotonic.at(-1)! - monotonic[0]! < 30_000, "it does not jump");
    }),
});

class Client {
  readonly #connection: Deno.Conn;

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  static async to(port: number): Promise<Client> {
    return new Client(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  async says(text: string): Promise<void> {
    await this.#connection.write(new TextEncoder().encode(text));
  }

  /** What comes next; undefined for the end, after which it is closed. */
  async hears(): Promise<string | undefined> {
    const bytes = new Uint8Array(100);
    const length = await this.#connection.read(bytes).catch(() => null);
    if (length === null) this.close();
    return length === null ? undefined : new TextDecoder().decode(bytes.subarray(0, length));
  }

  close(): void {
    this.#connection.close();
  }
}

function later<Value>(value: Value): Promise<Value> {
  return new Promise((resolve) => setTimeout(() => resolve(value), 100));
}
