/** Secrets in files of their own: those that `NAME_FILE` names, and systemd's credentials. */

/** What a file held, without white space around it; or what is wrong with it, never quoting it. */
export type SecretFile = { readonly text: string } | { readonly fault: string };

/** Reads the file that `NAME_FILE` names. */
export async function readSecretFile(path: string): Promise<SecretFile> {
  return await readCredential(path) ?? { fault: "is not there" };
}

/** Reads one of systemd's credentials; undefined when there is none of that name. */
export async function readCredential(path: string): Promise<SecretFile | undefined> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path)).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    return { fault: error instanceof TypeError ? "is no text in UTF-8" : `cannot be read (${(error as Error).name})` };
  }
  return text === "" ? { fault: "is empty" } : { text };
}
