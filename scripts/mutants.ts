/**
 * `deno task mutants`: makes one edit at a time in a copy of the source that would lose or double tweets, and shows that
 * some test fails for each. Prints a table; ends with 1 when a mutant lives, or when its place is not there any more.
 *
 *   deno task mutants                  all of them
 *   deno task mutants fsync checksum   those with one of these words in their name
 *
 * @module
 */
import { type Mutant, MUTANTS } from "./mutants/mutants.ts";
import { copyOfSource, runTests } from "./mutants/copy.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(words: readonly string[]): Promise<number> {
  const mutants = MUTANTS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (mutants.length === 0) {
    console.error(`Cannot try mutants: none has ${words.join(" or ")} in its name.`);
    console.error(`Try one of: ${MUTANTS.map(({ name }) => name).join("; ")}.`);
    return 64;
  }
  await using copy = await copyOfSource();
  const tests = [...new Set(mutants.flatMap((mutant) => mutant.tests))];
  console.error(`The tests as they are: ${tests.join(", ")}`);
  const baseline = await runTests(copy.folder, tests);
  if (!baseline.passed) {
    console.error(`Cannot try mutants: the tests fail without one.\n${baseline.output}`);
    return 1;
  }
  console.log("| mutant | file | what became of it |\n|---|---|---|");
  let living = 0;
  for (const mutant of mutants) {
    const fate = await fateOf(mutant, copy.folder);
    if (fate !== "killed") living += 1;
    console.log(`| ${mutant.name} | \`${mutant.file}\` | ${fate} |`);
  }
  console.log(`\n${mutants.length - living} of ${mutants.length} mutants killed`);
  return living > 0 ? 1 : 0;
}

async function fateOf({ file, from, to, tests }: Mutant, folder: string): Promise<string> {
  const path = `${folder}/${file}`;
  const source = await Deno.readTextFile(path);
  if (source.split(from).length !== 2) return "stale: its place is not there, or not once";
  await Deno.writeTextFile(path, source.replace(from, () => to));
  try {
    const { passed, ran } = await runTests(folder, tests);
    if (passed) return "LIVES";
    return ran ? "killed" : "stale: the tests did not run";
  } finally {
    await Deno.writeTextFile(path, source);
  }
}
