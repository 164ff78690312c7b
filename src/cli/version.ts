/** `traptor version`: which program this is, and what it was built from. */

import program from "../../deno.json" with { type: "json" };
import { HELP_FLAG, readArguments, refusePositionals } from "./arguments.ts";
import type { Command } from "./command.ts";
import { flagRows } from "./help.ts";
import { table, writeOutput } from "./terminal.ts";

export interface BuildFacts {
  readonly version: string;
  readonly commit: string;
  readonly builtAt: string;
  readonly deno: string;
  readonly v8: string;
}

/** The version of the program. */
export const VERSION: string = program.version;

const FLAGS = [{ name: "json", help: "print JSON" }];

export const version: Command = {
  name: "version",
  summary: "print the version, the commit and the build date",
  help: () => `traptor version [--json]\n\nPrints which program this is.\n\n${table(flagRows([...FLAGS, HELP_FLAG]))}`,
  async run(args) {
    const given = readArguments("version", args, FLAGS);
    refusePositionals("version", given);
    const facts = await buildFacts();
    if (given.switches.has("json")) writeOutput(`${JSON.stringify(facts)}\n`);
    else writeOutput(`traptor ${facts.version} (commit ${facts.commit}, built ${facts.builtAt}, Deno ${facts.deno})\n`);
    return 0;
  },
};

/** The facts that the build left inside the executable; from source there are none. */
export async function buildFacts(): Promise<BuildFacts> {
  const runtime = { deno: Deno.version.deno, v8: Deno.version.v8 };
  if (!Deno.build.standalone) return { version: VERSION, commit: "from source", builtAt: "not built", ...runtime };
  const path = new URL("../../dist/build_info.json", import.meta.url);
  return { ...JSON.parse(await Deno.readTextFile(path)), ...runtime };
}
