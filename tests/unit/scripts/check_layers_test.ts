/**
 * Each rule of `check_layers.ts`, broken in a small tree of its own, is found; what only looks like a breach is not.
 *
 * @module
 */
import { assertArrayIncludes, assertEquals } from "@std/assert";
import { checkLayers } from "../../../scripts/check_layers.ts";
import { TestFolder } from "../../support/test_folder.ts";

type Tree = Readonly<Record<string, string>>;

const SOUND: Tree = {
  "deno.json": "{}",
  "main.ts": `import { run } from "./src/cli/cli.ts";\nDeno.exit(await run(Deno.args));\n`,
  "src/cli/cli.ts": `export { collect as run } from "../collector/collector.ts";\nconsole.log("hello");\n`,
  "src/collector/collector.ts":
    `import "../rules/feed.ts";\nimport "../stream/frames.ts";\nexport const collect = 1;\n`,
  "src/rules/feed.ts": `import { Redis } from "ioredis";\nimport { now } from "../base/clock.ts";\n`,
  "src/stream/frames.ts": `import type { Rule } from "../model/rule.ts";\n`,
  "src/model/rule.ts": "export interface Rule { id: string }\n",
  "src/base/clock.ts": "export const now = Date.now;\nsetTimeout(now, 1);\n",
};

async function findingsIn(changes: Tree): Promise<string[]> {
  using top = new TestFolder();
  for (const [path, text] of Object.entries({ ...SOUND, ...changes })) {
    await Deno.mkdir(`${top.path}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${top.path}/${path}`, text);
  }
  return (await checkLayers(top.path)).map(({ path, line, message }) => `${path}:${line} ${message}`);
}

function finds(name: string, changes: Tree, ...expected: string[]): void {
  Deno.test(`layers: ${name}`, async () => {
    const found = await findingsIn(changes);
    assertArrayIncludes(found, expected);
    assertEquals(found.length, expected.length);
  });
}

finds("a sound tree has no findings", {});

finds(
  "rooms on floor 2 never import each other, not even for types",
  { "src/rules/feed.ts": `import type { Frame } from "../stream/frames.ts";\n` },
  "src/rules/feed.ts:1 rules may not import stream (src/stream/frames.ts)",
);

finds(
  "nobody below imports the collector, by whatever form of import",
  {
    "src/match/tagger.ts": `export * from "../collector/collector.ts";`,
    "src/budget/spent.ts": `\nawait import("../cli/cli.ts");`,
    "src/fleet/lease.ts": `import "../collector/collector.ts";`,
  },
  "src/match/tagger.ts:1 match may not import collector (src/collector/collector.ts)",
  "src/budget/spent.ts:2 budget may not import cli (src/cli/cli.ts)",
  "src/fleet/lease.ts:1 fleet may not import collector (src/collector/collector.ts)",
);

finds(
  "model and templates import nothing, not even from the platform",
  {
    "src/model/rule.ts": `import { now } from "../base/clock.ts";\nimport { createHash } from "node:crypto";\n`,
    "src/templates/unit.ts": `import "ioredis-mock";\n`,
  },
  "src/model/rule.ts:1 model may not import base (src/base/clock.ts)",
  "src/model/rule.ts:2 model imports nothing from outside, but here node:crypto",
  "src/templates/unit.ts:1 templates imports nothing from outside, but here ioredis-mock",
);

finds(
  "base and simulate import nothing of ours",
  {
    "src/base/retry.ts": `import type { Rule } from "../model/rule.ts";\n`,
    "src/simulate/world.ts": `import type { Rule } from "../model/rule.ts";\n`,
  },
  "src/base/retry.ts:1 base may not import model (src/model/rule.ts)",
  "src/simulate/world.ts:1 simulate may not import model (src/model/rule.ts)",
);

finds(
  "main.ts imports the command line alone",
  { "main.ts": `import "./src/base/clock.ts";\n` },
  "main.ts:1 main.ts imports only cli, but here src/base/clock.ts",
);

finds(
  "what lies in no room is imported by none, deno.json by the command line aside",
  {
    "src/cli/cli.ts": `import project from "../../deno.json" with { type: "json" };\nexport const run = 1;\n`,
    "src/config/load.ts": `import "../../tests/support/x.ts";\nimport "../../deno.json";\n`,
    "tests/support/x.ts": "",
  },
  "src/config/load.ts:1 config may not import tests/support/x.ts, which is in no room",
  "src/config/load.ts:2 config may not import deno.json, which is in no room",
);

finds(
  "a vendor package has one importer, whatever its entry point or prefix",
  {
    "src/fleet/lease.ts": `import { Redis } from "npm:ioredis@5.11.1";\n`,
    "src/observe/log.ts": `import "@std/log/logger";\nimport "@std/log/levels";\n`,
    "src/observe/status.ts": `import "@std/log/base-handler";\n`,
  },
  "src/rules/feed.ts:1 ioredis has its one importer already, src/fleet/lease.ts",
  "src/observe/status.ts:1 @std/log has its one importer already, src/observe/log.ts",
);

finds(
  "a circle is named once",
  {
    "src/match/a.ts": `import "./b.ts";\n`,
    "src/match/b.ts": `import "./c.ts";\n`,
    "src/match/c.ts": `import type { A } from "./a.ts";\n`,
  },
  "src/match/a.ts:1 a circle of imports: src/match/a.ts → src/match/b.ts → src/match/c.ts → src/match/a.ts",
);

finds(
  "the environment belongs to config, the console to the command line and the stdout sink",
  {
    "src/config/load.ts": "Deno.env.get('X');\n",
    "src/deliver/stdout_sink.ts": "console.log(1);\n",
    "src/stream/frames.ts": "Deno.env.get('X');\nconst { env } = Deno;\nprocess.env.X;\n",
    "src/observe/log.ts": "console.error(1);\nglobalThis.console.log(2);\nimport process from 'node:process';\n",
  },
  "src/stream/frames.ts:1 Deno.env: only src/config/ may use the environment",
  "src/stream/frames.ts:2 Deno.env: only src/config/ may use the environment",
  "src/stream/frames.ts:3 process.env: only src/config/ may use the environment",
  "src/observe/log.ts:1 console: only src/cli/, src/deliver/stdout_sink.ts may use the console",
  "src/observe/log.ts:2 console: only src/cli/, src/deliver/stdout_sink.ts may use the console",
  "src/observe/log.ts:3 node:process: only src/config/ may use the environment",
);

const CLOCK_FILES = "only src/base/clock.ts, src/simulate/clock.ts may use clocks and timers";

finds(
  "clocks and timers belong to the two clock files",
  {
    "src/simulate/clock.ts": "setInterval(() => new Date(), 1);\n",
    "src/stream/frames.ts": [
      "Date.now();",
      "new Date();",
      "new Date;",
      "performance.now();",
      "setTimeout(f, 1);",
      "globalThis.setInterval(f, 1);",
      "AbortSignal.timeout(1);",
      "Deno.unrefTimer(1);",
      "import { setTimeout as wait } from 'node:timers/promises';",
      "const later = setTimeout;",
      "const { now } = Date;",
    ].join("\n"),
  },
  `src/stream/frames.ts:1 Date.now: ${CLOCK_FILES}`,
  `src/stream/frames.ts:2 Date(): ${CLOCK_FILES}`,
  `src/stream/frames.ts:3 Date(): ${CLOCK_FILES}`,
  `src/stream/frames.ts:4 performance.now: ${CLOCK_FILES}`,
  `src/stream/frames.ts:5 setTimeout: ${CLOCK_FILES}`,
  `src/stream/frames.ts:6 setInterval: ${CLOCK_FILES}`,
  `src/stream/frames.ts:7 AbortSignal.timeout: ${CLOCK_FILES}`,
  `src/stream/frames.ts:8 Deno.unrefTimer: ${CLOCK_FILES}`,
  `src/stream/frames.ts:9 node:timers/promises: ${CLOCK_FILES}`,
  `src/stream/frames.ts:9 setTimeout: ${CLOCK_FILES}`,
  `src/stream/frames.ts:10 setTimeout: ${CLOCK_FILES}`,
  `src/stream/frames.ts:11 Date.now: ${CLOCK_FILES}`,
);

finds(
  "chance belongs to base/random.ts, the end of the process to main.ts",
  {
    "src/base/random.ts": "Math.random();\ncrypto.randomUUID();\n",
    "src/simulate/world.ts": "Math.random();\ncrypto.getRandomValues(x);\n",
    "src/cli/cli.ts": "Deno.exit(1);\nexport const run = 1;\n",
  },
  "src/simulate/world.ts:1 Math.random: only src/base/random.ts may use chance",
  "src/simulate/world.ts:2 crypto.getRandomValues: only src/base/random.ts may use chance",
  "src/cli/cli.ts:1 Deno.exit: only main.ts may use the end of the process",
);

finds(
  "the top level and src/ hold what the design names",
  { "package.json": "{}", ".editorconfig": "", "src/helpers/x.ts": "", "src/mod.ts": "" },
  "package.json:1 nothing of this name belongs at the top",
  "src/helpers:1 src/ holds the rooms and nothing else",
  "src/mod.ts:1 src/ holds the rooms and nothing else",
);

const LATER = "TO" + "DO";

finds(
  "a file over 400 lines is split, nothing is left for later",
  {
    "src/match/long.ts": "export {};\n".repeat(401),
    "src/match/right.ts": "export {};\n".repeat(400),
    "src/match/later.ts": `\n// ${LATER}: more\n`,
    "scripts/later.ts": `const ${LATER} = 1;\n`,
  },
  "src/match/long.ts:401 401 lines; over 400 a file is split",
  `src/match/later.ts:2 ${LATER}: do it, or leave it out`,
  `scripts/later.ts:1 ${LATER}: do it, or leave it out`,
);

finds("comments, strings, members and dates with arguments are no uses", {
  "src/stream/frames.ts": [
    "// Date.now(); console.log(); import '../rules/feed.ts'",
    "/* setTimeout(f, 1) */",
    `const text = "Date.now() from '../rules/feed.ts'", other = 'console.log';`,
    "const template = `Math.random() ${clock.now()} console.log() ${`${1}`}`;",
    "const expression = /[/\"'`]Deno.env/.test(text) ? 4 / 2 / 1 : 1;",
    "new Date(0); new Date(ms).toISOString(); Date.parse(text);",
    "clock.setTimeout(f, 1); this.console.log(1);",
    "interface Timers { setTimeout: number; console?: string }",
  ].join("\n"),
});

finds(
  "code inside a template is code",
  { "src/stream/frames.ts": "const text = `a ${ { b: `${Date.now()}` }.b } c`;\nconsole.log(1);\n" },
  `src/stream/frames.ts:1 Date.now: ${CLOCK_FILES}`,
  "src/stream/frames.ts:2 console: only src/cli/, src/deliver/stdout_sink.ts may use the console",
);
