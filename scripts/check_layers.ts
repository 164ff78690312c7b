/**
 * Holds the code to its rooms: who may import whom, one importer a vendor package, no circles, the platform's powers in
 * the files they belong to, the top level as designed, no file over 400 lines, nothing left for later.
 *
 * It sees names, not meaning: a global that is handed around under another name escapes it. Prints one line a finding
 * and ends with 1 if there are any.
 *
 * @module
 */
import { circles, forbiddenImports, sharedPackages } from "./layers/import_rules.ts";
import { reservedUses } from "./layers/platform_rules.ts";
import { leftForLater, tooLong, unknownEntries } from "./layers/shape_rules.ts";
import { filesBelow, type Finding, readSource, type SourceFile } from "./layers/source_file.ts";
import { exists, root } from "./run/paths.ts";

/** Everything in the checkout at `top` that breaks a rule, by file and line. */
export async function checkLayers(top: string): Promise<Finding[]> {
  const read = (paths: readonly string[]): Promise<SourceFile[]> =>
    Promise.all(paths.map((path) => readSource(top, path)));
  const source = await read([
    ...exists(`${top}/main.ts`) ? ["main.ts"] : [],
    ...(await filesBelow(top, "src")).filter((path) => /\.(?:ts|lua|sql|md)$/.test(path)),
  ]);
  const scripts = await read((await filesBelow(top, "scripts")).filter((path) => /\.(?:ts|md)$/.test(path)));
  const findings = [
    ...await unknownEntries(top),
    ...source.flatMap((file) => [...forbiddenImports(file), ...reservedUses(file), ...tooLong(file)]),
    ...sharedPackages(source),
    ...circles(source),
    ...[...source, ...scripts].flatMap(leftForLater),
  ];
  return findings.sort((one, other) => one.path < other.path ? -1 : one.path > other.path ? 1 : one.line - other.line);
}

if (import.meta.main) {
  const findings = await checkLayers(root);
  for (const { path, line, message } of findings) console.log(`${path}:${line}  ${message}`);
  Deno.exit(findings.length > 0 ? 1 : 0);
}
