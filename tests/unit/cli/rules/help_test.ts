/** The help of the rules' commands: complete, and readable in a terminal. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { rules } from "../../../../src/cli/rules.ts";
import { widthOf } from "../../../../src/cli/terminal.ts";

const PARTS = rules.parts!;

Deno.test("`rules --help` names every command, and every type of rule with an example", () => {
  const help = rules.help();
  for (const { name, summary } of PARTS) {
    const line = help.split("\n").find((line) => line.startsWith(`  ${name} `));
    assertStringIncludes(line ?? `no line about ${name}`, summary);
  }
  for (
    const example of ["deno kafka", "nasa, 11348282", "-74.1,40.6,-73.8,40.9", "(deno OR bun) lang:en -is:retweet"]
  ) {
    assertStringIncludes(help, example);
  }
});

Deno.test("every command explains itself with its usage, its flags and examples", () => {
  assertEquals(PARTS.length, 13);
  for (const { help, name } of PARTS) {
    const text = help();
    assertEquals(text.startsWith(`traptor rules ${name}`), true, text);
    assertStringIncludes(text, "  --help ");
    assertStringIncludes(text, "  --json ");
    assertStringIncludes(text, `Examples:\n`);
    assertEquals(text.slice(text.indexOf("Examples:")).includes(`traptor rules ${name}`), true, text);
  }
});

Deno.test("what is written for reading fits into 120 columns", () => {
  for (const { help } of [rules, ...PARTS]) {
    const [reading = ""] = help().split("\nSettings that matter here");
    for (const line of reading.split("\n")) assertEquals(widthOf(line) <= 120, true, line);
  }
});
