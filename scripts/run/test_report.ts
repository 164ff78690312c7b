/**
 * Reads what `deno test` reports: the numbers from the line it ends with (they include modules that failed to load,
 * which its JUnit file leaves out), the names of ignored tests from the JUnit file.
 *
 * @module
 */

/** How many tests did what; steps are part of their test. */
export interface TestNumbers {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

/** The numbers of the last summary in the output, or undefined if the run did not get that far. */
export function readNumbers(output: string): TestNumbers | undefined {
  // deno-lint-ignore no-control-regex -- the colours of a terminal
  const plain = output.replace(/\x1b\[[0-9;]*m/g, "");
  const summary =
    /^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed(?: \([^)]*\))?(?: \| (\d+) ignored)?/gm;
  const last = [...plain.matchAll(summary)].at(-1);
  return last && { passed: Number(last[1]), failed: Number(last[2]), ignored: Number(last[3] ?? 0) };
}

/** The names of the ignored tests in a JUnit file, without their steps. */
export function readIgnored(junit: string): string[] {
  const names: string[] = [];
  for (const suite of junit.split("<testsuite ").slice(1)) {
    const cases = [...suite.matchAll(/<testcase name="([^"]*)"[^>]*>([^]*?)<\/testcase>/g)]
      .map(([, name = "", body = ""]) => ({
        name: unescape(name),
        isIgnored: body.trimStart().startsWith("<skipped"),
      }));
    const isStep = (name: string) => cases.some((other) => name.startsWith(`${other.name} > `));
    names.push(...cases.filter(({ name, isIgnored }) => isIgnored && !isStep(name)).map(({ name }) => name));
  }
  return names;
}

/** The lines that the task ends with: the ignored tests, whose names should carry the reason, then the numbers. */
export function summaryLines(numbers: TestNumbers, ignoredNames: readonly string[]): string[] {
  const lines = ignoredNames.map((name) => name.includes("(ignored: ") ? name : `${name} (ignored: no reason given)`);
  return [...lines, numbersLine(numbers)];
}

/** `N passed, N failed`, with `, N skipped` where there are any. */
export function numbersLine({ passed, failed, ignored }: TestNumbers): string {
  return `${passed} passed, ${failed} failed${ignored > 0 ? `, ${ignored} skipped` : ""}`;
}

function unescape(text: string): string {
  const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? "");
}
