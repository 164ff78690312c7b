/**
 * A MariaDB of the tests' own: `mariadbd` on a free loopback port with a fresh data directory, nothing left behind.
 *
 * @module
 */
import { freePort } from "./free_port.ts";
import { findProgram, runProgram } from "./programs.ts";
import { ServerProcess } from "./server_process.ts";
import { askOverTcp } from "./tcp.ts";

/** A running MariaDB with an empty database, and a user who may do everything in it. */
export interface MariadbServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Its process: `kill`, `end`, `start`, `pause`, `resume`. */
  readonly process: ServerProcess;
  /** Ends it for good. */
  stop(): Promise<void>;
}

const USER = "traptor";
const PASSWORD = "for-tests-only";
const DATABASE = "traptor";

/** Starts a MariaDB. */
export async function startMariadb(): Promise<MariadbServer> {
  const port = freePort();
  const folder = await Deno.makeTempDir({ prefix: "traptor-mariadb-" });
  // As root it asks to be told so.
  const asUser = Deno.uid() === 0 ? ["--user=root"] : [];
  const data = `${folder}/data`;
  try {
    await runProgram([
      findProgram("mariadb-install-db") ?? "mariadb-install-db",
      ...[
        "--no-defaults",
        ...asUser,
        `--datadir=${data}`,
        "--skip-test-db",
        "--auth-root-authentication-method=normal",
      ],
    ]);
    await Deno.writeTextFile(`${folder}/init.sql`, initialStatements());
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
  const process = await ServerProcess.start({
    name: "mariadbd",
    folder,
    command: [
      findProgram("mariadbd") ?? "mariadbd",
      ...["--no-defaults", ...asUser, `--datadir=${data}`, `--init-file=${folder}/init.sql`],
      ...[
        "--bind-address=127.0.0.1",
        `--port=${port}`,
        `--socket=${folder}/socket`,
        `--pid-file=${folder}/mariadbd.pid`,
      ],
      ...["--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M"],
    ],
    isReady: () => mariadbAnswers(port),
  });
  return {
    host: "127.0.0.1",
    port,
    user: USER,
    password: PASSWORD,
    database: DATABASE,
    process,
    stop: () => process.stop(),
  };
}

/** Whether a MariaDB on this port greets who connects. */
export async function mariadbAnswers(port: number): Promise<boolean> {
  const greeting = await askOverTcp(port);
  // Three bytes of length, the packet's number, then the protocol's version, 10.
  return greeting[3] === 0 && greeting[4] === 10;
}

/** A line a statement, as an init file wants it; run at each start, so each bears to be repeated. */
function initialStatements(): string {
  return [
    `CREATE DATABASE IF NOT EXISTS ${DATABASE} CHARACTER SET utf8mb4;`,
    `CREATE USER IF NOT EXISTS '${USER}'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';`,
    `GRANT ALL ON ${DATABASE}.* TO '${USER}'@'127.0.0.1';`,
    "",
  ].join("\n");
}
