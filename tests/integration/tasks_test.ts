/**
 * The runner behind the tasks, as a process: exit codes, errors in two lines, and signals that arrive once.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { traptorArguments } from "../../scripts/rule_extract.ts";
import { inRoot } from "../../scripts/run/paths.ts";
import { setMembers } from "../support/redis_answer.ts";
import { serviceTest, sharedMariadb, sharedRedis } from "../support/services.ts";

const PLAIN = ["run", "--no-config", "--no-lock", "-A"];

function runTask(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  return run([...PLAIN, inRoot("scripts/run.ts"), ...args]);
}

async function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; output: string; errors: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    env,
    stdin: "null",
  }).output();
  return { code, output: new TextDecoder().decode(stdout), errors: new TextDecoder().decode(stderr) };
}

Deno.test("the tasks for rules are those of the program", async () => {
  for (const task of ["rules:gnip", "rules:mysql"]) {
    const { code, output } = await runTask(task, "--help");
    assertEquals(code, 0);
    assertStringIncludes(output, `traptor ${task.replace(":", " ")} `);
  }
});

Deno.test("the Python program's script reads a type from MySQL, and files as GNIP's", () => {
  assertEquals(traptorArguments(["follow", "--id", "2"]), ["rules", "mysql", "--type", "follow", "--id", "2"]);
  assertEquals(traptorArguments(["locations"]), ["rules", "mysql", "--type", "locations"]);
  assertEquals(traptorArguments(["a.json", "b.json"]), ["rules", "gnip", "a.json", "b.json"]);
  assertEquals(traptorArguments([]), undefined);
});

serviceTest({
  name: "the task and the script read GNIP's files, the script MySQL as well, into Redis",
  needs: ["redis", "mariadb"],
  async fn() {
    const { port, url } = await sharedRedis();
    const { host, password, port: mysqlPort } = await sharedMariadb();
    const file = inRoot("tests/data/gnip/plain-list.txt");
    const task = await runTask("rules:gnip", file, "--redis-url", url, "--tag", "t");
    assertEquals([task.code, task.output], [0, ""], task.errors);
    const members = await setMembers(port, "traptor-follow:0") as { value: string; tag: string }[];
    assertEquals(members.map(({ value, tag }) => `${value} ${tag}`), ["12345678 t", "2244994945 t", "783214 t"]);
    const script = (...args: string[]) =>
      run([...PLAIN, inRoot("scripts/rule_extract.ts"), ...args], {
        ...{ MYSQL_HOST: host, MYSQL_PORT: String(mysqlPort), MYSQL_PASSWORD: password, REDIS_URL: url },
      });
    const again = await script(file, "--id", "1", "--json");
    assertEquals([again.code, JSON.parse(again.output).kept], [0, 3], again.errors);
    // There is no such table: what matters is that MySQL was asked for it.
    const mysql = await script("follow");
    assertEquals([mysql.code, mysql.output], [78, ""]);
    assertStringIncludes(mysql.errors, "Table 'traptor.rules' doesn't exist");
    assertEquals((await script()).code, 64);
  },
});

Deno.test("an unknown task and unknown arguments are wrong usage", async () => {
  for (const args of [["no-such-task"], [], ["ok", "--fast"], ["compile", "--target", "pdp11"]]) {
    const { code, errors } = await runTask(...args);
    assertEquals([code, errors.trimEnd().split("\n").length], [64, 2]);
  }
});

const COUNTS_SIGNALS = `
  let count = 0;
  Deno.addSignalListener("SIGTERM", () => count += 1);
  console.log("ready");
  setTimeout(() => Deno.exit(10 + count), 1500);
`;

function startsWithRunDeno(program: string): string {
  const args = [...PLAIN.slice(1), `data:application/typescript,${encodeURIComponent(program)}`];
  return `
    import { runDeno } from ${JSON.stringify(import.meta.resolve("../../scripts/run/deno_process.ts"))};
    Deno.exit(await runDeno({ subcommand: "run", args: ${JSON.stringify(args)}, ownSession: true }));
  `;
}

Deno.test({
  name: "a signal and its echo reach the program once, and its exit code comes back",
  ignore: Deno.build.os === "windows",
  async fn() {
    const runner = new Deno.Command(Deno.execPath(), {
      args: [...PLAIN, `data:application/typescript,${encodeURIComponent(startsWithRunDeno(COUNTS_SIGNALS))}`],
      stdout: "piped",
    }).spawn();
    const output = runner.stdout.pipeThrough(new TextDecoderStream()).getReader();
    assertEquals((await output.read()).value, "ready\n");
    runner.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 30));
    runner.kill("SIGTERM");
    assertEquals((await runner.status).code, 11);
    await output.cancel();
  },
});
