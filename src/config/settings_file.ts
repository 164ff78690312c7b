/**
 * Finds the settings file: the one that is named, else `localsettings.json` in the working directory, in
 * `~/.config/traptor/`, in `/etc/traptor/`. One in the working directory counts only if nobody else could have written
 * it, for whoever starts traptor there would run with a stranger's settings; otherwise it is a fault, not a silence.
 */

const FILE_NAME = "localsettings.json";

/** A larger file is no file of settings. */
const MOST_BYTES = 1024 * 1024;

/** A file that was found and read, or what is wrong with the one that was found. */
export type SettingsFile = { readonly path: string; readonly source: string } | { readonly fault: string };

export interface Places {
  /** The path that a flag or the environment names. */
  readonly named: string | undefined;
  readonly workingDirectory: string;
  readonly home: string | undefined;
  /** Where settings for all users are: `/etc/traptor`. */
  readonly systemDirectory: string;
}

/** The first file there is; undefined when there is none and none was named. */
export async function findSettingsFile(places: Places): Promise<SettingsFile | undefined> {
  const { named, workingDirectory, home, systemDirectory } = places;
  if (named !== undefined) return await read(named) ?? { fault: `${named}: there is no such settings file` };

  const local = `${workingDirectory}/${FILE_NAME}`;
  const strangers = await strangersFault(local);
  if (strangers !== undefined) return { fault: `${local}: ${strangers}` };
  const directories = [workingDirectory, ...home === undefined ? [] : [`${home}/.config/traptor`], systemDirectory];
  for (const directory of directories) {
    const file = await read(`${directory}/${FILE_NAME}`);
    if (file) return file;
  }
  return undefined;
}

async function read(path: string): Promise<SettingsFile | undefined> {
  try {
    const bytes = await Deno.readFile(path);
    if (bytes.length > MOST_BYTES) return { fault: `${path}: it is larger than 1 MiB` };
    return { path, source: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    if (isAbsence(error)) return undefined;
    const why = error instanceof TypeError ? "it is not UTF-8" : `it cannot be read (${(error as Error).name})`;
    return { fault: `${path}: ${why}` };
  }
}

/** Why a file may be a stranger's; undefined when it is the user's or root's and nobody else can write it, or absent. */
async function strangersFault(path: string): Promise<string | undefined> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    return `it cannot be read (${(error as Error).name})`;
  }
  if (!info.isFile) return "it is no file";
  if (Deno.build.os === "windows") return undefined;
  if (info.uid !== 0 && info.uid !== Deno.uid()) return "it belongs to another user, so it does not count";
  // Group and others, write.
  if (((info.mode ?? 0) & 0o022) !== 0) return "others may write to it, so it does not count; `chmod go-w` mends that";
  return undefined;
}

function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}
