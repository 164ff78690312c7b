/**
 * The rules about shape: what lies where, how long a file is, what is left for later.
 *
 * @module
 */
import type { Finding, SourceFile } from "./source_file.ts";
import { ROOMS, TOP_LEVEL } from "./table.ts";

const LONGEST_FILE = 400;
// In pieces, so that this file may keep its own rule.
const LEFT_FOR_LATER = new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|")})\\b`);

/** Entries at the checkout's top, and in `src/`, that the design does not know. */
export async function unknownEntries(top: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const { name } of Deno.readDir(top)) {
    if (!name.startsWith(".") && !TOP_LEVEL.includes(name)) {
      findings.push({ path: name, line: 1, message: "nothing of this name belongs at the top" });
    }
  }
  for await (const { name, isDirectory } of Deno.readDir(`${top}/src`)) {
    if (!isDirectory || !ROOMS.has(name)) {
      findings.push({ path: `src/${name}`, line: 1, message: "src/ holds the rooms and nothing else" });
    }
  }
  return findings;
}

/** A file of `src/` that is too long. */
export function tooLong(file: SourceFile): Finding[] {
  const lines = file.text.replace(/\n$/, "").split("\n").length;
  if (!file.path.startsWith("src/") || !file.path.endsWith(".ts") || lines <= LONGEST_FILE) return [];
  return [{ path: file.path, line: LONGEST_FILE + 1, message: `${lines} lines; over ${LONGEST_FILE} a file is split` }];
}

/** Words that leave something for later. */
export function leftForLater(file: SourceFile): Finding[] {
  return file.text.split("\n").flatMap((text, index) => {
    const word = LEFT_FOR_LATER.exec(text)?.[0];
    return word === undefined ? [] : [{ path: file.path, line: index + 1, message: `${word}: do it, or leave it out` }];
  });
}
