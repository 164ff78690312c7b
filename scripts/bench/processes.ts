/**
 * The processes that the bench measures: a simulator and a collector, each an executable of its own, so that the one's
 * work does not show in the other's figures. Both end with their `using` block.
 *
 * @module
 */
import { freePort } from "../../tests/support/free_port.ts";

export interface RunningSimulator extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
}

export interface RunningCollector extends AsyncDisposable {
  readonly pid: number;
  /** How many tweets a sink has acknowledged. */
  delivered(sink: string): Promise<number>;
  /** How many tweets wait for a sink. */
  waiting(): Promise<number>;
  /** How many tweets a sink has acknowledged within some times of their acceptance, in seconds; the last is all. */
  waits(sink: string): Promise<{ bound: number; count: number }[]>;
}

/** Starts `traptor simulate` and waits until it answers. */
export async function startedSimulator(executable: string, options: { rate: number }): Promise<RunningSimulator> {
  const port = freePort();
  const args = ["simulate", "--port", String(port), "--rate", String(options.rate)];
  const child = new Deno.Command(executable, { args, stdout: "null", stderr: "piped" }).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!/its token is \S+\n/.test(said)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The simulator ended: ${said}`);
    said += value;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    token: /its token is (\S+)\n/.exec(said)![1]!,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await reader.cancel();
      await child.status;
    },
  };
}

/** Starts a collector on the example rules and waits until its stream is live or idle. */
export async function startedCollector(
  executable: string,
  simulator: RunningSimulator,
  args: readonly string[],
  ownStateDirectory?: string,
): Promise<RunningCollector> {
  const status = freePort();
  const stateDirectory = ownStateDirectory ?? await Deno.makeTempDir({ prefix: "traptor-bench-" });
  const rules = new URL("../../src/templates/example_rules.json", import.meta.url).pathname;
  const child = new Deno.Command(executable, {
    args: ["--api-url", simulator.url, "--rules", `file:${rules}`, "--status-listen", `127.0.0.1:${status}`, ...args],
    env: { BEARER_TOKEN: simulator.token, TRAPTOR_STATE_DIR: stateDirectory },
    stdout: "null",
    stderr: "null",
  }).spawn();
  const metrics = async () => (await (await fetch(`http://127.0.0.1:${status}/metrics`)).text()).split("\n");
  const metric = async (name: string) =>
    Number((await metrics()).find((line) => line.startsWith(`${name} `))?.split(" ")[1] ?? 0);
  for (let tries = 0; await metric("traptor_stream_connected").catch(() => 0) !== 1; tries++) {
    if (tries === 300) throw new Error("The collector did not connect within 30 s");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    pid: child.pid,
    delivered: (sink) => metric(`traptor_tweets_delivered_total{sink="${sink}"}`),
    waiting: () => metric("traptor_backlog_records"),
    async waits(sink) {
      const pattern = new RegExp(`^traptor_delivery_seconds_bucket\\{sink="${sink}",le="(.+)"\\} (\\d+)$`);
      const buckets = (await metrics()).map((line) => pattern.exec(line)).filter((match) => match !== null);
      return buckets.map(([, bound, count]) => ({
        bound: bound === "+Inf" ? Infinity : Number(bound),
        count: Number(count),
      }));
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      if (ownStateDirectory === undefined) await Deno.remove(stateDirectory, { recursive: true });
    },
  };
}
