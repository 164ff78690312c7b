/**
 * Where settings come from: flags, the environment, a settings file, defaults. Each gives texts by name, with the words
 * for where they were found; unknown names are faults, with the nearest known one.
 */

import { isObject } from "../model/json.ts";
import { nearestName } from "../model/nearest_name.ts";
import { parseCommentedJson } from "./commented_json.ts";
import { FORMER_NAMES, translateFormer } from "./former_names.ts";
import { flagOf, OPTION_KEYS, optionOf } from "./options.ts";

/** What one source says: texts by a setting's name, and where each was found. */
export interface Found {
  readonly texts: Map<string, { readonly text: string; readonly from: string }>;
  readonly faults: string[];
  readonly notes: string[];
}

const NAMES: readonly string[] = OPTION_KEYS.map((key) => optionOf(key).name);
const SECRET_NAMES: readonly string[] = OPTION_KEYS.filter((key) => optionOf(key).secret).map((key) =>
  optionOf(key).name
);

/** Variables that are ours though they are no settings. */
const OTHER_VARIABLES = new Set(["TRAPTOR_SETTINGS"]);

/** Container runtimes put these into the environment of every process beside a service named traptor. */
const INJECTED = /^TRAPTOR_(PORT|SERVICE_)/;

/** Variables in which the Python program's names would collide with somebody else's. */
const FORMER_IN_ENVIRONMENT = new Set(["KAFKA_ENABLED", "APIKEYS"]);

function nothing(): Found {
  return { texts: new Map(), faults: [], notes: [] };
}

/** Settings among flags, by the flag's name without dashes. A password in a flag's URL is refused. */
export function fromFlags(flags: Readonly<Record<string, string>>): Found {
  const found = nothing();
  for (const key of OPTION_KEYS) {
    const option = optionOf(key);
    const flag = flagOf(option);
    const text = flag === undefined ? undefined : flags[flag];
    if (flag === undefined || text === undefined) continue;
    if (passwordIn(text)) {
      found.faults.push(
        `--${flag}: a password in a flag is seen by everybody on this machine; set ${option.name} in the environment`,
      );
      continue;
    }
    found.texts.set(option.name, { text: text.trim(), from: `flag --${flag}` });
  }
  return found;
}

/** Settings in the environment; empty variables count as not set. Secrets may be in files that it names. */
export async function fromEnvironment(environment: Readonly<Record<string, string>>): Promise<Found> {
  const found = nothing();
  for (const [name, value] of Object.entries(environment)) {
    const text = value.trim();
    if (text === "") continue;
    if (NAMES.includes(name)) found.texts.set(name, { text, from: "environment" });
    else if (FORMER_IN_ENVIRONMENT.has(name)) takeFormer(found, name, text, "environment");
    else if (name.startsWith("TRAPTOR_") && !INJECTED.test(name) && !OTHER_VARIABLES.has(name)) {
      found.faults.push(unknown(name, NAMES, "the environment"));
    }
  }
  for (const name of SECRET_NAMES) {
    const path = environment[`${name}_FILE`]?.trim();
    if (!path) continue;
    if (found.texts.has(name)) found.faults.push(`${name} and ${name}_FILE are both set: one of them is too many`);
    else await takeSecretFile(found, name, path, `file ${path}`);
  }
  const credentials = environment["CREDENTIALS_DIRECTORY"]?.trim();
  for (const name of credentials ? SECRET_NAMES : []) {
    if (found.texts.has(name)) continue;
    const path = `${credentials}/${name}`;
    if (await Deno.stat(path).then((info) => info.isFile, isMissing)) {
      await takeSecretFile(found, name, path, "systemd's credentials");
    }
  }
  return found;
}

/** Settings in a file of JSON with comments. Values may be strings, numbers, truths, or lists of them. */
export function fromFile(path: string, source: string): Found {
  const found = nothing();
  let settings: unknown;
  try {
    settings = parseCommentedJson(source);
  } catch (error) {
    found.faults.push(`${path}: ${(error as SyntaxError).message}`);
    return found;
  }
  if (!isObject(settings)) {
    found.faults.push(`${path}: it holds no JSON object of settings`);
    return found;
  }
  for (const [name, value] of Object.entries(settings)) {
    if (NAMES.includes(name)) {
      if (value === null || value === "") continue;
      const isPlain = ["string", "number", "boolean"].includes(typeof value);
      if (isPlain || Array.isArray(value)) {
        found.texts.set(name, {
          text: Array.isArray(value) ? value.join(",") : String(value).trim(),
          from: `file ${path}`,
        });
      } else found.faults.push(`${name}: its value is an object (in ${path})`);
    } else if (FORMER_NAMES.includes(name)) takeFormer(found, name, value, `file ${path}`);
    else found.faults.push(unknown(name, NAMES, path));
  }
  return found;
}

/** Whether a text is a URL with a password inside. */
export function passwordIn(text: string): boolean {
  return URL.canParse(text) && new URL(text).password !== "";
}

function takeFormer(found: Found, name: string, value: unknown, from: string): void {
  const former = translateFormer(name, value);
  if (!former) return;
  found.notes.push(former.note);
  for (const [today, text] of Object.entries(former.now)) {
    if (!found.texts.has(today)) found.texts.set(today, { text, from: `${from}, as ${name}` });
  }
}

async function takeSecretFile(found: Found, name: string, path: string, from: string): Promise<void> {
  try {
    const text = (await Deno.readTextFile(path)).trim();
    if (text === "") found.faults.push(`${name}_FILE: ${path} is empty`);
    else found.texts.set(name, { text, from });
  } catch (error) {
    found.faults.push(`${name}_FILE: ${path} cannot be read: ${(error as Error).name}`);
  }
}

function unknown(name: string, known: readonly string[], where: string): string {
  const nearest = nearestName(name, known);
  return `${name}: there is no such setting (in ${where})${nearest ? `; ${nearest} is near` : ""}`;
}

function isMissing(error: unknown): false {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
  throw error;
}
