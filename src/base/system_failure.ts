/** What the operating system finds wrong, in words for people, and whether it may pass. */

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

/** What passes when somebody makes room or mends the disk, with nothing changed here. */
const MAY_PASS: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE"]);

/** The words for an error of the operating system; undefined for any other error. */
export function whySystemFailed(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return undefined;
  const code = codeOf(error);
  if (code === undefined && !Object.values(Deno.errors).some((kind) => error instanceof kind)) return undefined;
  return WORDS[code ?? ""] ?? error.message.replace(/ \(os error \d+\)/, "");
}

/** Whether an error is the operating system's, and trying again later may help. */
export function mayPass(error: unknown): boolean {
  return MAY_PASS.has(codeOf(error) ?? "");
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
