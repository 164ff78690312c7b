/** Two of three collectors read at once, each by a connection of its own, and each tweet is delivered once. */

import { assert, assertEquals } from "@std/assert";
import { openRedis } from "../../src/base/redis.ts";
import { type Simulator, startSimulator } from "../../src/simulate/simulator.ts";
import { linesBelow } from "../support/line_files.ts";
import { runProgram } from "../support/programs.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";
import { withFolder } from "../support/test_folder.ts";
import { type Running, runTraptor, startTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

/** One collector with a place of its own. */
class Machine implements AsyncDisposable {
  readonly folder: string;
  readonly #simulator: Simulator;
  readonly #port: number;
  running: Running | undefined;

  constructor(folder: string, simulator: Simulator, port: number) {
    this.folder = folder;
    this.#simulator = simulator;
    this.#port = port;
    Deno.mkdirSync(folder);
  }

  get #options() {
    return { cwd: this.folder, env: { BEARER_TOKEN: this.#simulator.token } };
  }

  start(): void {
    this.running = startTraptor([
      ...["--api-url", this.#simulator.url, "--redis-port", String(this.#port), "--sink", "file:tweets"],
      ...["--state-dir", "state", "--x-tier", "enterprise", "--x-connections", "2", "--lease-ttl", "2s"],
      ...["--lease-renew", "500ms", "--heartbeat-interval", "500ms"],
    ], this.#options);
  }

  get id(): string {
    return Deno.readTextFileSync(`${this.folder}/state/instance`).trim();
  }

  async delivered(): Promise<string[]> {
    const lines = await linesBelow(`${this.folder}/tweets`).catch(() => []);
    return lines.map((line) => JSON.parse(line).data.id);
  }

  async gaps(): Promise<{ state: string; outcome: string; reads: number; cause: string }[]> {
    const { stdout } = await runTraptor(["gaps", "list", "--json", "--state-dir", "state"], this.#options);
    return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running?.[Symbol.asyncDispose]();
  }
}

/** Which lease each instance that reads tells that it has, by its id. */
async function leases(port: number): Promise<Map<string, number>> {
  const redis = openRedis({ host: "127.0.0.1", port });
  try {
    const reports = Object.values(await redis.hashFields("traptor:instances")).map((one) => JSON.parse(one));
    return new Map(reports.map(({ id, lease, state }) => [id, state === "live" ? lease : 0]));
  } finally {
    redis.close();
  }
}

async function has(machine: Machine, lease: number, port: number): Promise<boolean> {
  try {
    return (await leases(port)).get(machine.id) === lease;
  } catch {
    return false;
  }
}

async function withMachines(
  names: readonly string[],
  work: (machines: readonly Machine[], simulator: Simulator, port: number) => Promise<void>,
): Promise<void> {
  const { port } = await sharedRedis();
  await runProgram(["redis-cli", "-p", String(port), "flushall"]);
  await runProgram(["redis-cli", "-p", String(port), "sadd", "traptor-track:0", "deno"]);
  await withFolder(async (folder) => {
    const simulator = await startSimulator({ rate: 50, tier: "enterprise" });
    await using machines = new AsyncDisposableStack();
    machines.defer(() => simulator.close());
    const all = names.map((name) => machines.use(new Machine(`${folder}/${name}`, simulator, port)));
    all[0]!.start();
    await waitUntil(() => has(all[0]!, 1, port), { what: "the first one reads", withinMs: 30_000 }).catch((error) => {
      throw new Error(all[0]!.running!.stderr, { cause: error });
    });
    // What a connection has missed is known to have come by another one only where that has stood for a while.
    await waitUntil(() => simulator.sent().length > 200, {
      what: "the first one has read for a while",
      withinMs: 30_000,
    });
    all[1]!.start();
    await waitUntil(() => has(all[1]!, 2, port), { what: "the second one reads as well", withinMs: 30_000 });
    try {
      await work(all, simulator, port);
    } catch (error) {
      throw new Error(all.map(({ running }) => running?.stderr).join("\n---\n"), { cause: error });
    }
  });
}

/** Waits until all that was sent is in the sinks, and answers with what is there. */
async function allDelivered(machines: readonly Machine[], simulator: Simulator): Promise<string[]> {
  const collected = async () => (await Promise.all(machines.map((machine) => machine.delivered()))).flat();
  const missing = async () => {
    const there = new Set(await collected());
    return simulator.sent().filter(({ id }) => !there.has(id)).length;
  };
  await waitUntil(async () => await missing() === 0, { what: "all is delivered", withinMs: 15_000, everyMs: 500 });
  return await collected();
}

serviceTest({
  name: "two collectors hold a connection each, and every tweet is delivered once",
  needs: ["redis"],
  fn: () =>
    withMachines(["a", "b"], async (machines, simulator) => {
      const from = simulator.sent().length;
      await waitUntil(() => simulator.sent().length > from + 400, { what: "tweets", withinMs: 30_000 });
      simulator.pause();
      const delivered = await allDelivered(machines, simulator);
      assertEquals(delivered.length, new Set(delivered).size, "nothing is delivered twice");
      assertEquals(simulator.connections().filter(({ status }) => status === 200).length, 2);
      assertEquals(await machines[0]!.gaps(), []);
    }),
});

serviceTest({
  name: "the first one is killed: the second goes on as the first by the same connection, and nothing is missing",
  needs: ["redis"],
  fn: () =>
    withMachines(["a", "b", "c"], async ([first, second, third], simulator, port) => {
      await first!.running!.end("SIGKILL");
      await waitUntil(() => has(second!, 1, port), { what: "the second is the first", withinMs: 30_000 });
      assertEquals(simulator.connections().filter(({ status }) => status === 200).length, 2);
      third!.start();
      await waitUntil(() => has(third!, 2, port), { what: "a third one is the second", withinMs: 30_000 });
      await third!.running!.end("SIGKILL");
      const from = simulator.sent().length;
      await waitUntil(() => simulator.sent().length > from + 200, { what: "tweets", withinMs: 30_000 });
      // What is on the disk of whoever was killed is delivered when it comes back.
      first!.start();
      third!.start();
      await waitUntil(async () => await has(first!, 2, port) || await has(third!, 2, port), {
        what: "one of them is the second",
        withinMs: 30_000,
      });
      simulator.pause();
      await allDelivered([first!, second!, third!], simulator);
      const gaps = (await Promise.all([first!, second!, third!].map((one) => one.gaps()))).flat();
      assertEquals(gaps.filter(({ reads }) => reads > 0), []);
      assert(gaps.every(({ cause }) => cause !== "holder_lost"), JSON.stringify(gaps));
    }),
});

serviceTest({
  name: "a cut of one connection is filled by the other one, at no cost",
  needs: ["redis"],
  fn: () =>
    withMachines(["a", "b"], async (machines, simulator) => {
      const cut = async () => {
        const response = await fetch(`${simulator.url}/2/connections`, {
          method: "DELETE",
          headers: { authorization: `Bearer ${simulator.token}`, "content-type": "application/json" },
          body: JSON.stringify({ uuids: [simulator.connections()[0]!.id] }),
        });
        assert(response.ok, await response.text());
      };
      const closed = () => machines.map((one) => one.gaps());
      const isFilled = async () => {
        const gaps = (await Promise.all(closed())).flat();
        return gaps.length > 0 && gaps.every(({ state }) => state === "closed");
      };
      await waitUntil(isFilled, { what: "the second's beginning is covered", withinMs: 60_000, everyMs: 1_000 });
      const before = (await Promise.all(closed())).flat().length;
      await cut();
      const isNew = async () => (await Promise.all(closed())).flat().length > before && await isFilled();
      await waitUntil(isNew, { what: "the cut is covered", withinMs: 90_000, everyMs: 1_000 });
      const gaps = (await Promise.all(closed())).flat();
      assertEquals(gaps.filter(({ reads }) => reads > 0), []);
      assert(gaps.every(({ outcome }) => outcome.startsWith("the other connection had it (")), JSON.stringify(gaps));
      simulator.pause();
      await allDelivered(machines, simulator);
    }),
});
