/**
 * Holds the documents to the code: a part between `<!-- name -->` and `<!-- /name -->` is made from the code, and this
 * fails when it differs from what the code makes today. What stands around the parts is nobody's business here.
 *
 *   deno run -A scripts/check_docs.ts            prints a line for each part that differs; ends with 1 if there is one
 *   deno run -A scripts/check_docs.ts --write    writes the parts anew
 *
 * @module
 */
import { settingsTable } from "../src/config/describe.ts";
import sourceInPython from "../tests/data/own_source/accounts.py" with { type: "text" };
import sourceInShell from "../tests/data/own_source/accounts.sh" with { type: "text" };
import { inRoot } from "./run/paths.ts";

/** A part of a document that is made from the code. */
export interface Part {
  /** What stands in its markers. */
  readonly marker: string;
  /** Makes its text, in Markdown, without line breaks at its ends. */
  readonly make: () => string;
}

/** The documents, and the parts of each that are made. */
const DOCUMENTS: ReadonlyMap<string, readonly Part[]> = new Map([
  ["README.md", [
    { marker: "settings", make: settingsTable },
    { marker: "own source in Python", make: () => fenced("python", sourceInPython) },
    { marker: "own source in a shell", make: () => fenced("sh", sourceInShell) },
  ]],
]);

/** A file as a block of code. */
function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

/** What is to be done about a document. */
export interface Outcome {
  /** The document with every part made anew. */
  readonly text: string;
  /** The markers of parts that differ from what the code makes. */
  readonly stale: readonly string[];
  /** Markers that are not there as they should be, with the reason. */
  readonly faults: readonly string[];
}

/** Makes the parts of a document anew; parts with faults are left as they are. */
export function makeParts(document: string, parts: readonly Part[]): Outcome {
  let text = document.replaceAll("\r\n", "\n");
  const stale: string[] = [];
  const faults: string[] = [];
  for (const { marker, make } of parts) {
    const [begin, end] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
    const [beginAt, endAt] = [text.indexOf(begin), text.indexOf(end)];
    if (beginAt < 0 || endAt < beginAt) {
      faults.push(`the markers ${begin} and ${end} are missing, or not in this order`);
    } else if (text.indexOf(begin, beginAt + 1) >= 0 || text.indexOf(end, endAt + 1) >= 0) {
      faults.push(`the markers ${begin} and ${end} stand there more than once`);
    } else {
      // Empty lines around the part, as `deno fmt` wants them.
      const made = `${text.slice(0, beginAt)}${begin}\n\n${make()}\n\n${text.slice(endAt)}`;
      if (made !== text) stale.push(marker);
      text = made;
    }
  }
  return { text, stale, faults };
}

async function checkDocument(name: string, parts: readonly Part[], write: boolean): Promise<string[]> {
  const { text, stale, faults } = makeParts(await Deno.readTextFile(inRoot(name)), parts);
  const findings = faults.map((fault) => `${name}: ${fault}`);
  if (write && stale.length > 0) await Deno.writeTextFile(inRoot(name), text);
  const differing = write ? [] : stale.map((marker) => `${name}: the part "${marker}" is not what the code makes`);
  if (differing.length > 0) differing.push("Try `deno run -A scripts/check_docs.ts --write`");
  return [...findings, ...differing];
}

if (import.meta.main) {
  const unknown = Deno.args.find((argument) => argument !== "--write");
  if (unknown !== undefined) {
    console.error(`Cannot check the documents: there is no argument ${unknown}\nTry --write, or nothing`);
    Deno.exit(64);
  }
  const findings: string[] = [];
  for (const [name, parts] of DOCUMENTS) {
    findings.push(...await checkDocument(name, parts, Deno.args.includes("--write")));
  }
  for (const finding of findings) console.log(finding);
  Deno.exit(findings.length > 0 ? 1 : 0);
}
