/**
 * The rules about imports: the table of rooms, one importer a vendor package, no circles.
 *
 * @module
 */
import { type Finding, packageOf, roomOf, type SourceFile, targetOf } from "./source_file.ts";
import { OUTSIDE_FILES, PURE_ROOMS, ROOMS } from "./table.ts";

/** Imports that the table of rooms does not allow. */
export function forbiddenImports(file: SourceFile): Finding[] {
  return file.imports.flatMap(({ specifier, line }) => {
    const message = forbidden(file, specifier);
    return message === undefined ? [] : [{ path: file.path, line, message }];
  });
}

function forbidden(file: SourceFile, specifier: string): string | undefined {
  const room = roomOf(file.path);
  const target = targetOf(file, specifier);
  if (target === undefined) {
    if (room === undefined || !PURE_ROOMS.includes(room)) return undefined;
    return `${room} imports nothing from outside, but here ${specifier}`;
  }
  const targetRoom = roomOf(target);
  if (file.path === "main.ts") return targetRoom === "cli" ? undefined : `main.ts imports only cli, but here ${target}`;
  if (room === undefined || room === targetRoom) return undefined;
  if (targetRoom === undefined) {
    return OUTSIDE_FILES.get(target)?.includes(room)
      ? undefined
      : `${room} may not import ${target}, which is in no room`;
  }
  return ROOMS.get(room)?.includes(targetRoom) ? undefined : `${room} may not import ${targetRoom} (${target})`;
}

/** Vendor packages that more than one file imports: every importer but the first one is named. */
export function sharedPackages(files: readonly SourceFile[]): Finding[] {
  const importers = new Map<string, string>();
  const findings: Finding[] = [];
  for (const file of files) {
    for (const { specifier, line } of file.imports) {
      const name = packageOf(specifier);
      if (name === undefined) continue;
      const first = importers.get(name) ?? file.path;
      importers.set(name, first);
      if (first !== file.path) {
        findings.push({ path: file.path, line, message: `${name} has its one importer already, ${first}` });
      }
    }
  }
  return findings;
}

/** Circles of files that import each other; each is named once, at its first file. */
export function circles(files: readonly SourceFile[]): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const found = new Map<string, Finding>();

  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const circle = trail.slice(start);
      const key = [...circle].sort().join(" ");
      if (!found.has(key)) {
        found.set(key, { path, line: 1, message: `a circle of imports: ${[...circle, path].join(" → ")}` });
      }
      return;
    }
    const file = byPath.get(path);
    if (file === undefined || done.has(path)) return;
    for (const { specifier } of file.imports) {
      const target = targetOf(file, specifier);
      if (target !== undefined) visit(target, [...trail, path]);
    }
    done.add(path);
  };

  for (const { path } of files) visit(path, []);
  return [...found.values()];
}
