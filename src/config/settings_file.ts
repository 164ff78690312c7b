/**
 * Finds the settings file: the one that is named, else `localsettings.json` in the working directory, in
 * `~/.config/traptor/`, in `/etc/traptor/`. One in the working directory counts only if nobody else could have written
 * it, for whoever starts traptor there would run with a stranger's settings.
 */

const FILE_NAME = "localsettings.json";

export interface SettingsFile {
  readonly path: string;
  readonly source: string;
}

export interface Places {
  /** The path that a flag or the environment names. */
  readonly named: string | undefined;
  readonly workingDirectory: string;
  readonly home: string | undefined;
}

/** The file, undefined when there is none, or what is wrong with the one that was found. */
export async function findSettingsFile(places: Places): Promise<SettingsFile | { readonly fault: string } | undefined> {
  if (places.named !== undefined) {
    return await read(places.named) ?? { fault: `${places.named}: there is no such file` };
  }
  const local = `${places.workingDirectory}/${FILE_NAME}`;
  const candidates = [
    local,
    ...places.home ? [`${places.home}/.config/traptor/${FILE_NAME}`] : [],
    `/etc/traptor/${FILE_NAME}`,
  ];
  for (const path of candidates) {
    const file = await read(path);
    if (!file || "fault" in file) {
      if (file) return file;
      continue;
    }
    const fault = path === local ? await strangersFault(path) : undefined;
    return fault === undefined ? file : { fault };
  }
  return undefined;
}

async function read(path: string): Promise<SettingsFile | { readonly fault: string } | undefined> {
  try {
    return { path, source: new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path)) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    const why = error instanceof TypeError ? "it is not UTF-8" : `it cannot be read (${(error as Error).name})`;
    return { fault: `${path}: ${why}` };
  }
}

/** Why a file may be a stranger's; undefined when it is the user's or root's and nobody else can write it. */
async function strangersFault(path: string): Promise<string | undefined> {
  if (Deno.build.os === "windows") return undefined;
  const { uid, mode } = await Deno.stat(path);
  const user = Deno.uid();
  if (uid !== null && uid !== 0 && uid !== user) return `${path}: it belongs to another user, so it does not count`;
  if (mode !== null && (mode & 0o022) !== 0) {
    return `${path}: others may write to it, so it does not count; chmod go-w mends that`;
  }
  return undefined;
}
