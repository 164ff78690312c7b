/**
 * A Redis of the tests' own: `redis-server` on a free loopback port, nothing saved, nothing left behind.
 *
 * @module
 */
import { freePort } from "./free_port.ts";
import { findProgram } from "./programs.ts";
import { ServerProcess } from "./server_process.ts";
import { askOverTcp } from "./tcp.ts";

/** A running Redis. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Its process: `kill`, `end`, `start`, `pause`, `resume`. What it held is gone after a restart. */
  readonly process: ServerProcess;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** Starts a Redis; `port` only to stand in for one that was there before. */
export async function startRedis({ port = freePort() }: { readonly port?: number } = {}): Promise<RedisServer> {
  const folder = await Deno.makeTempDir({ prefix: "traptor-redis-" });
  const process = await ServerProcess.start({
    name: "redis-server",
    folder,
    command: [
      findProgram("redis-server") ?? "redis-server",
      ...["--bind", "127.0.0.1", "--port", String(port), "--dir", folder],
      ...["--save", "", "--appendonly", "no"],
    ],
    isReady: () => redisAnswers(port),
  });
  return { url: `redis://127.0.0.1:${port}`, port, process, stop: () => process.stop() };
}

/** Whether a Redis on this port answers a PING. */
export async function redisAnswers(port: number): Promise<boolean> {
  const answer = await askOverTcp(port, new TextEncoder().encode("PING\r\n"));
  return new TextDecoder().decode(answer) === "+PONG\r\n";
}
