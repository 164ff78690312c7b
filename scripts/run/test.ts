/**
 * `deno task test [PATHS] [ARGS OF deno test]`: the tests under `tests/`, or those asked for. Modules run one after the
 * other: several start servers and real processes, and two cores are all that may be counted on. Types are not checked
 * here (`deno task ok` does), so that a fresh machine sees results sooner. The jars of Kafka and OpenSearch are
 * fetched first where Java and Maven are there. Ends with the ignored tests and the numbers.
 *
 * @module
 */
import { fetchKafkaJars } from "../../tests/support/kafka_jars.ts";
import { type Absence, ABSENCE_VARIABLE } from "../../tests/support/maven_jars.ts";
import { fetchOpenSearchJars } from "../../tests/support/opensearch.ts";
import { callersFolder, exists, inRoot, root } from "./paths.ts";
import { chooseRegistry } from "./registry.ts";
import { readIgnored, readNumbers, summaryLines, type TestNumbers } from "./test_report.ts";
import { runDeno } from "./deno_process.ts";

/** Runs the tests; the exit code of `deno test`. */
export async function test(args: readonly string[]): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "traptor-test-" });
  try {
    const junit = `${folder}/junit.xml`;
    const { code, numbers } = await runTests(args, junit);
    const ignored = exists(junit) ? readIgnored(await Deno.readTextFile(junit)) : [];
    console.log(summaryLines(numbers, ignored).join("\n"));
    return code === 0 && numbers.failed > 0 ? 1 : code;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runTests(args: readonly string[], junit: string): Promise<{ code: number; numbers: TestNumbers }> {
  const registry = await chooseRegistry();
  const { paths, rest } = splitPaths(args);
  const absence = paths.every((path) => path.includes("/tests/unit/")) ? undefined : await fetchAllJars();
  // Tests run the program as processes of their own, which take what it needs from the cache alone.
  await runDeno({ subcommand: "cache", registry, args: ["--quiet", inRoot("main.ts")] });
  let tail = "";
  const code = await runDeno({
    subcommand: "test",
    registry,
    args: ["-A", "--no-check", `--junit-path=${junit}`, ...rest.before, ...paths, ...rest.after],
    env: {
      ...Deno.stdout.isTerminal() && { FORCE_COLOR: "1" },
      ...absence && { [ABSENCE_VARIABLE]: JSON.stringify(absence) },
    },
    onOutput: (text) => tail = (tail + text).slice(-20_000),
  });
  const numbers = readNumbers(tail) ?? { passed: 0, failed: code === 0 ? 0 : 1, ignored: 0 };
  return { code, numbers };
}

async function fetchAllJars(): Promise<Absence | undefined> {
  return await fetchKafkaJars() ?? await fetchOpenSearchJars();
}

/** Everything that is a file or folder here is a path; without one, all tests. What follows `--` is the tests' own. */
function splitPaths(args: readonly string[]): { paths: string[]; rest: { before: string[]; after: string[] } } {
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  const located = own.map((argument) => {
    const candidates = [`${callersFolder()}/${argument}`, `${root}/${argument}`, argument];
    return argument.startsWith("-") ? undefined : candidates.find(exists);
  });
  const paths = located.filter((path) => path !== undefined);
  return {
    paths: paths.length > 0 ? paths : [inRoot("tests")],
    rest: { before: own.filter((_, index) => located[index] === undefined), after: end < 0 ? [] : args.slice(end) },
  };
}
