/**
 * How long a million rules take into a real Redis, and how much memory: from a file of JSON lines (accounts, words and
 * queries) and from a table of accounts in a real MariaDB, each by the executable as a person runs it.
 *
 * @module
 */
import { startMariadb } from "../../tests/support/mariadb.ts";
import { findProgram, runProgram } from "../../tests/support/programs.ts";
import { startRedis } from "../../tests/support/redis.ts";
import { megabytes } from "./measures.ts";
import type { Row } from "./row.ts";

const RULES = 1_000_000;
const AIM = "60 s, 400 MB";

/** How often the memory of a run is looked at. */
const LOOK_MS = 50;

/** Measures both ways. */
export async function millionRules(executable: string): Promise<Row[]> {
  const folder = await Deno.makeTempDir({ prefix: "traptor-bench-" });
  try {
    return [await fromFile(executable, folder), await fromMysql(executable)];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function fromFile(executable: string, folder: string): Promise<Row> {
  const what = "1,000,000 rules from a file into Redis";
  if (!findProgram("redis-server")) return [what, "not measured: redis-server is not installed", AIM];
  const path = `${folder}/rules.jsonl`;
  await writeRules(path);
  return [what, await measured(executable, ["json", path], {}), AIM];
}

async function fromMysql(executable: string): Promise<Row> {
  const what = "1,000,000 rules from MariaDB into Redis";
  const missing = ["redis-server", "mariadbd", "mariadb-install-db", "mariadb"].find((name) => !findProgram(name));
  if (missing) return [what, `not measured: ${missing} is not installed`, AIM];
  const mariadb = await startMariadb();
  try {
    const { host, port, user, password, database } = mariadb;
    const statement = "create table rules (tag varchar(20), value varchar(40), type varchar(20)); " +
      "insert into rules select concat('tag ', seq % 100), 1000000000000000000 + seq * 7919, 'username' " +
      `from seq_1_to_${RULES}`;
    await runProgram([
      ...["mariadb", "--no-defaults", `--host=${host}`, `--port=${port}`, `--user=${user}`],
      ...[`--password=${password}`, `--execute=${statement}`, database],
    ]);
    const env = { MYSQL_URL: `mysql://${user}:${password}@${host}:${port}/${database}` };
    return [what, await measured(executable, ["mysql", "--type", "follow"], env), AIM];
  } finally {
    await mariadb.stop();
  }
}

/** Runs `traptor rules ARGS` against an empty Redis: seconds and the most memory that it took. */
async function measured(executable: string, args: readonly string[], env: Record<string, string>): Promise<string> {
  const redis = await startRedis();
  try {
    const startedAt = performance.now();
    const child = new Deno.Command(executable, {
      args: ["rules", ...args],
      env: { ...env, REDIS_URL: redis.url },
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const watch = watchPeak(child.pid);
    const { code, stderr } = await child.output();
    const seconds = (performance.now() - startedAt) / 1_000;
    const peak = watch.end();
    if (code !== 0) throw new Error(`The rules were not stored: ${new TextDecoder().decode(stderr)}`);
    return `${seconds.toFixed(1)} s, ${megabytes(peak)}`;
  } finally {
    await redis.stop();
  }
}

/** The most resident memory that a process has had, as Linux keeps it while the process is there. */
function watchPeak(pid: number): { end(): number } {
  let peak = NaN;
  const timer = setInterval(() => {
    try {
      const status = Deno.readTextFileSync(`/proc/${pid}/status`);
      peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1_024 || peak;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }, LOOK_MS);
  return {
    end() {
      clearInterval(timer);
      return peak;
    },
  };
}

/** Five in ten accounts, four pairs of words, one a query; none the same as another. */
async function writeRules(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const writer = file.writable.getWriter();
  const encoder = new TextEncoder();
  for (let from = 0; from < RULES; from += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, at) => JSON.stringify(ruleAt(from + at)));
    await writer.write(encoder.encode(`${lines.join("\n")}\n`));
  }
  writer.releaseLock();
}

function ruleAt(number: number): Record<string, string> {
  const word = number.toString(36);
  const tag = `tag ${number % 100}`;
  if (number % 10 < 5) return { type: "follow", value: String(1_000_000_000_000 + number * 7_919), tag };
  if (number % 10 < 9) return { type: "track", value: `river ${word}x`, tag };
  return { type: "query", value: `(${word}x OR "${word} flood") lang:en -is:retweet`, tag, team: "water" };
}
