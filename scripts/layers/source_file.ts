/**
 * The files of a checkout as the checks see them: path from the top, text, tokens, imports with the paths they lead to.
 *
 * @module
 */
import { type Import, importsOf, type Token, tokensOf } from "./tokens.ts";

/** One file. */
export interface SourceFile {
  /** From the checkout's top, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly imports: readonly Import[];
}

/** Something that breaks a rule. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** Reads the file at `path` below `top`; what is not TypeScript has text only. */
export async function readSource(top: string, path: string): Promise<SourceFile> {
  const text = await Deno.readTextFile(`${top}/${path}`);
  const tokens = path.endsWith(".ts") ? tokensOf(text) : [];
  return { path, text, tokens, imports: importsOf(tokens) };
}

/** All files below a folder of the checkout, in order; none if it is not there. */
export async function filesBelow(top: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const entry of Deno.readDir(`${top}/${folder}`)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) found.push(...await filesBelow(top, path));
      else found.push(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}

/** The path that a relative specifier leads to, from the checkout's top; undefined for packages. */
export function targetOf(file: SourceFile, specifier: string): string | undefined {
  if (!/^\.{0,2}\//.test(specifier)) return undefined;
  const url = new URL(specifier, `file:///checkout/${file.path}`);
  const path = decodeURIComponent(url.pathname);
  return path.startsWith("/checkout/") ? path.slice("/checkout/".length) : `..${path}`;
}

/** The room of a path in `src/`; undefined for everything else. */
export function roomOf(path: string): string | undefined {
  const parts = path.split("/");
  return parts[0] === "src" && parts.length > 2 ? parts[1] : undefined;
}

/** The package of a bare specifier: `@std/log/logger` and `jsr:@std/log@1` are `@std/log`; none for `node:`. */
export function packageOf(specifier: string): string | undefined {
  if (/^\.{0,2}\//.test(specifier)) return undefined;
  const bare = specifier.replace(/^(?:npm|jsr):\/?/, "");
  if (/^[a-z]+:/.test(bare)) return undefined;
  return /^(@[^/]+\/[^/@]+|[^/@]+)/.exec(bare)?.[1];
}
