/**
 * Where things are in this checkout, as absolute paths: the tasks work from any folder below it.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** The checkout's folder as a URL that ends with a slash. */
export const rootUrl: URL = new URL("../../", import.meta.url);

/** The checkout's folder. */
export const root: string = fileURLToPath(rootUrl).replace(/[\\/]$/, "");

/** The absolute path of a file of the checkout. */
export function inRoot(path: string): string {
  return fileURLToPath(new URL(path, rootUrl));
}

/** The folder in which the user called the task; `deno task` itself moves to the checkout's top. */
export function callersFolder(): string {
  return Deno.env.get("INIT_CWD") ?? Deno.cwd();
}

/** Whether a file or folder is there. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
