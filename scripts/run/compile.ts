/**
 * `deno task compile [--target TRIPLE]`: writes `dist/traptor`, one executable with the permissions of the program and
 * the facts of its build inside. Without a target, for this machine.
 *
 * @module
 */
import { PROGRAM_PERMISSIONS } from "../permissions.ts";
import { writeBuildInfo } from "./build_info.ts";
import { runDeno } from "./deno_process.ts";
import { inRoot } from "./paths.ts";
import { chooseRegistry } from "./registry.ts";
import { TaskError } from "./task_error.ts";

const USAGE = 64;
const UNAVAILABLE = 69;
const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

/** Compiles; the exit code of `deno compile`. */
export async function compile(args: readonly string[]): Promise<number> {
  const target = targetOf(args);
  const output = inRoot(`dist/${executableName(target)}`);
  const info = await writeBuildInfo();
  let errors = "";
  const code = await runDeno({
    subcommand: "compile",
    registry: await chooseRegistry(),
    args: [
      "--no-check",
      ...PROGRAM_PERMISSIONS,
      `--include=${info}`,
      `--output=${output}`,
      ...target === undefined ? [] : [`--target=${target}`],
      inRoot("main.ts"),
    ],
    onErrors: (text) => errors += text,
  });
  if (code !== 0 && /dl\.deno\.land|denort/.test(errors)) {
    throw new TaskError(
      "The executable cannot be made: its base, denort, could not be downloaded from Deno's own host.",
      "Try again where dl.deno.land answers, or set DENORT_BIN to the path of a denort of this version of Deno.",
      UNAVAILABLE,
    );
  }
  console.error(errors.trimEnd());
  return code;
}

function targetOf(args: readonly string[]): string | undefined {
  if (args.length === 0) return undefined;
  const [first = "", second] = args;
  const target = first.startsWith("--target=") ? first.slice("--target=".length) : second;
  const used = first.startsWith("--target=") ? 1 : 2;
  if (!first.startsWith("--target") || args.length !== used || !TARGETS.includes(target ?? "")) {
    throw new TaskError(
      `\`compile\` does not understand ${args.join(" ")}.`,
      `Try \`deno task compile\`, or with --target and one of: ${TARGETS.join(", ")}.`,
      USAGE,
    );
  }
  return target;
}

/** `traptor` for this machine, `traptor-TARGET` for a named one, with the ending that Windows wants. */
function executableName(target: string | undefined): string {
  const isWindows = target === undefined ? Deno.build.os === "windows" : target.includes("windows");
  return `traptor${target === undefined ? "" : `-${target}`}${isWindows ? ".exe" : ""}`;
}
