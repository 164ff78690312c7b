/** What the operating system finds wrong, in words for people. */

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than this system allows",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EROFS: "the file system is read-only",
  EIO: "the disk reports an error",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
};

/** The words for an error of the operating system; undefined for any other error. */
export function whySystemFailed(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return undefined;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (code === undefined && !Object.values(Deno.errors).some((kind) => error instanceof kind)) return undefined;
  return WORDS[code ?? ""] ?? error.message.replace(/ \(os error \d+\)/, "");
}
