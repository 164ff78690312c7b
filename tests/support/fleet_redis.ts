/**
 * The Redis of a fleet: it holds the rules, and can be stopped and come back with all that it held, or with the rules
 * alone, as a Redis does that was set up anew.
 *
 * @module
 */
import { freePort } from "./free_port.ts";
import { findProgram } from "./programs.ts";
import { redisAnswers } from "./redis.ts";
import { redisCommands } from "./redis_commands.ts";
import { ServerProcess } from "./server_process.ts";
import { waitUntil } from "./wait_until.ts";

const RULES = ["deno", "coffee", "地震"];
const DUMP = "dump.rdb";
const RULES_ALONE = "rules.rdb";

export class FleetRedis implements AsyncDisposable {
  readonly port: number;
  readonly process: ServerProcess;
  readonly #folder: string;

  private constructor(port: number, process: ServerProcess, folder: string) {
    this.port = port;
    this.process = process;
    this.#folder = folder;
  }

  static async start(): Promise<FleetRedis> {
    const port = freePort();
    const folder = await Deno.makeTempDir({ prefix: "traptor-redis-" });
    const process = await ServerProcess.start({
      name: "redis-server",
      folder,
      command: [
        findProgram("redis-server") ?? "redis-server",
        ...["--bind", "127.0.0.1", "--port", String(port), "--dir", folder],
        ...["--save", "", "--appendonly", "no", "--dbfilename", DUMP],
      ],
      isReady: () => redisAnswers(port),
    });
    const redis = new FleetRedis(port, process, folder);
    await redis.#holdRules();
    return redis;
  }

  async commands(...commands: readonly (readonly string[])[]): Promise<string> {
    return await redisCommands(this.port, ...commands);
  }

  /** Stops it; what it holds is kept. */
  async stop(): Promise<void> {
    await this.commands(["SHUTDOWN", "SAVE"]);
    await waitUntil(() => this.process.pid === undefined, { what: "Redis ends" });
  }

  /** Makes a Redis that is stopped forget all but the rules. */
  async forget(): Promise<void> {
    await Deno.copyFile(`${this.#folder}/${RULES_ALONE}`, `${this.#folder}/${DUMP}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stop();
  }

  async #holdRules(): Promise<void> {
    await this.commands(["SADD", "traptor-track:0", ...RULES], ["SAVE"]);
    await Deno.copyFile(`${this.#folder}/${DUMP}`, `${this.#folder}/${RULES_ALONE}`);
  }
}
