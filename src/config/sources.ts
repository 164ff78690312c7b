/**
 * Where settings come from: flags, the environment, a settings file. Each gives texts by name, with the words for where
 * they were found; unknown names are faults, with the name that was probably meant. No fault or note holds a value.
 */

import { isObject, type JsonValue } from "../model/json.ts";
import { parseCommentedJson } from "./commented_json.ts";
import { FORMER_IN_ENVIRONMENT, FORMER_NAMES, translateFormer } from "./former_names.ts";
import { meantSetting } from "./names.ts";
import { flagOf } from "./option.ts";
import { OPTION_NAMES, OPTIONS_IN_ORDER, SECRET_NAMES } from "./options.ts";
import { passwordIn } from "./passwords.ts";
import { readCredential } from "./secret_files.ts";

/** A setting's text, or the file that holds it, which is read only when no other source overrules this one. */
export type Entry = { readonly from: string } & ({ readonly text: string } | { readonly secretFile: string });

/** What one source says. */
export interface Found {
  /** By a setting's name. */
  readonly entries: Map<string, Entry>;
  readonly faults: string[];
  readonly notes: string[];
}

/** Variables that are ours though they are no settings. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set(["TRAPTOR_SETTINGS"]);

/** Container runtimes put these into the environment of every process beside a service named traptor. */
const INJECTED = /^TRAPTOR_(PORT|SERVICE_)/;

/** The settings among flags, by the flag's name without dashes. A password in a flag's URL is refused. */
export function fromFlags(flags: Readonly<Record<string, string>>): Found {
  const found = nothing();
  for (const option of OPTIONS_IN_ORDER) {
    const flag = flagOf(option);
    const text = flag === undefined ? undefined : flags[flag]?.trim();
    if (flag === undefined || text === undefined) continue;
    if (passwordIn(text)) {
      found.faults.push(
        `${option.name}: everybody on this machine sees a password in a flag; ` +
          `set ${option.name} in the environment or the settings file (flag --${flag})`,
      );
    } else found.entries.set(option.name, { text, from: `flag --${flag}` });
  }
  return found;
}

/** The settings in the environment; an empty variable counts as not set. Secrets may be in files that it names. */
export async function fromEnvironment(environment: Readonly<Record<string, string>>): Promise<Found> {
  const found = nothing();
  const secretFiles = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) {
    const text = value.trim();
    const secret = secretOfFile(name);
    if (text === "") continue;
    if (OPTION_NAMES.has(name)) found.entries.set(name, { text, from: "environment" });
    else if (secret !== undefined) secretFiles.set(secret, text);
    else if (FORMER_IN_ENVIRONMENT.has(name)) takeFormer(found, name, text, "environment");
    else if (name.startsWith("TRAPTOR_") && !INJECTED.test(name) && !OTHER_VARIABLES.has(name)) {
      found.faults.push(unknownName(name, "environment"));
    }
  }
  takeSecretFiles(found, secretFiles, "environment");
  const credentials = environment["CREDENTIALS_DIRECTORY"]?.trim();
  for (const name of credentials ? SECRET_NAMES : []) {
    if (found.entries.has(name)) continue;
    const read = await readCredential(`${credentials}/${name}`);
    if (read && "fault" in read) found.faults.push(`${name}: ${read.fault} (systemd's credentials)`);
    else if (read) found.entries.set(name, { text: read.text, from: "systemd's credentials" });
  }
  return found;
}

/** The settings in a file of JSON with comments. Values are strings, numbers, truths, or lists of them; null is not set. */
export function fromFile(path: string, source: string): Found {
  const found = nothing();
  let settings: JsonValue;
  try {
    settings = parseCommentedJson(source);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    found.faults.push(`${path}: it is no JSON: ${error.message}`);
    return found;
  }
  if (!isObject(settings)) {
    found.faults.push(`${path}: it holds no JSON object of settings`);
    return found;
  }
  const secretFiles = new Map<string, string>();
  for (const [name, value] of Object.entries(settings)) {
    const secret = secretOfFile(name);
    if (OPTION_NAMES.has(name) || secret !== undefined) {
      const text = textOf(value);
      if (text === undefined) found.faults.push(`${name}: its value is no text, number, truth or list (file ${path})`);
      else if (text === "") continue;
      else if (secret !== undefined) secretFiles.set(secret, text);
      else found.entries.set(name, { text, from: `file ${path}` });
    } else if (FORMER_NAMES.has(name)) takeFormer(found, name, value, `file ${path}`);
    else found.faults.push(unknownName(name, `file ${path}`));
  }
  takeSecretFiles(found, secretFiles, `file ${path}`);
  return found;
}

function nothing(): Found {
  return { entries: new Map(), faults: [], notes: [] };
}

/** The secret that a name such as `BEARER_TOKEN_FILE` is about. */
function secretOfFile(name: string): string | undefined {
  return name.endsWith("_FILE") ? SECRET_NAMES.find((secret) => name === `${secret}_FILE`) : undefined;
}

function takeSecretFiles(found: Found, files: ReadonlyMap<string, string>, where: string): void {
  for (const [name, path] of files) {
    if (found.entries.has(name)) {
      found.faults.push(`${name}: ${name}_FILE is set as well, and one of them is too many (${where})`);
    } else found.entries.set(name, { secretFile: path, from: where });
  }
}

/** What a former setting means counts only where its setting of today is not set beside it. */
function takeFormer(found: Found, name: string, value: unknown, where: string): void {
  const former = translateFormer(name, value);
  found.notes.push(former.note);
  for (const [today, text] of Object.entries(former.now)) {
    if (!found.entries.has(today)) found.entries.set(today, { text, from: `${where}, as ${name}` });
  }
}

function textOf(value: JsonValue): string | undefined {
  if (value === null) return "";
  if (typeof value !== "object") return String(value).trim();
  if (!Array.isArray(value)) return undefined;
  const isPlain = value.every((entry) => entry !== null && typeof entry !== "object");
  return isPlain ? value.map((entry) => String(entry).trim()).join(",") : undefined;
}

function unknownName(name: string, where: string): string {
  const meant = meantSetting(name);
  return `${name}: there is no such setting${meant ? `; did you mean ${meant}?` : ""} (${where})`;
}
