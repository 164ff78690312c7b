/** A source of one's own, as documented: a program of 20 lines that pipes into `traptor rules json -`. */

import { assertEquals } from "@std/assert";
import { startRulesWorld } from "../support/rules_world.ts";
import { findProgram } from "../support/programs.ts";
import { serviceTest } from "../support/services.ts";
import { COMMAND, runtimeEnvironment } from "../support/traptor.ts";

const FOLDER = new URL("../data/own_source/", import.meta.url).pathname;

const EXAMPLES = [
  { file: "accounts.py", interpreter: "python3" },
  { file: "accounts.sh", interpreter: "sh" },
];

for (const { file, interpreter } of EXAMPLES) {
  serviceTest({
    name: `${file} pipes its rules into traptor, with their tags and a field of their own`,
    needs: ["redis"],
    ...findProgram(interpreter) === undefined && { ignoredBecause: `${interpreter} is not installed` },
    async fn() {
      await using world = await startRulesWorld();
      // The pipe as the example's own comment says it.
      const text = await Deno.readTextFile(FOLDER + file);
      const [pipe] = /\S+ accounts\.\w+ press\.csv \| traptor rules json - .*/.exec(text) ?? [];
      await world.write(file, text);
      await world.write("press.csv", await Deno.readTextFile(`${FOLDER}press.csv`));
      const traptor = COMMAND.map((word) => `'${word}'`).join(" ");
      const { code, stderr } = await new Deno.Command("sh", {
        args: ["-c", `traptor() { ${traptor} "$@"; }\n${pipe?.replace(/"""$/, "")}`],
        env: { ...runtimeEnvironment(), ...world.env, HOME: world.folder },
        clearEnv: true,
        cwd: world.folder,
      }).output();
      assertEquals([code, new TextDecoder().decode(stderr)], [
        0,
        "3 rules read, 3 kept\n  slot      rules\n  follow:0  0 -> 3  3 added\nCollected by `traptor --type follow`\n",
      ]);
      assertEquals(await world.members("traptor-follow:0"), [
        { value: "1652541000000000001", tag: "asia", outlet: "日本新聞" },
        { value: "24744541", tag: "world", outlet: 'Café "Le Monde"' },
        { value: "@dailyslash", tag: "local", outlet: "Backslash \\ Daily" },
      ]);
    },
  });
}

Deno.test("the examples are of 20 lines at most and need nothing but the interpreter", async () => {
  for (const { file } of EXAMPLES) {
    const lines = (await Deno.readTextFile(FOLDER + file)).trimEnd().split("\n");
    assertEquals(lines.length <= 20, true, file);
    const imports = lines.filter((line) => line.startsWith("import ") || line.startsWith("from "));
    assertEquals(imports.every((line) => line === "import csv, datetime, json, sys"), true, imports.join());
  }
});
