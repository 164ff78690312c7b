/** A folder of its own for a test of the settings, where nothing of the machine's own settings is seen. */

import { assertRejects } from "@std/assert";
import { SettingsError } from "../../../src/base/errors.ts";
import { type Loaded, loadSettings } from "../../../src/config/load.ts";

/** What a test gives; files by path below the folder, in which `work`, `home` and `system` are. */
export interface Given {
  flags?: Record<string, string>;
  environment?: Record<string, string>;
  files?: Record<string, string | Uint8Array>;
}

/** A place with files. Use it with `await using`. */
export class Place implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(files: Record<string, string | Uint8Array> = {}): Promise<Place> {
    const place = new Place(await Deno.makeTempDir({ prefix: "traptor-settings-" }));
    for (const directory of ["work", "home/.config/traptor", "system"]) {
      await Deno.mkdir(place.at(directory), { recursive: true });
    }
    for (const [name, content] of Object.entries(files)) await place.write(name, content);
    return place;
  }

  at(name: string): string {
    return `${this.path}/${name}`;
  }

  async write(name: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
    await Deno.writeFile(this.at(name), typeof content === "string" ? new TextEncoder().encode(content) : content);
    if (Deno.build.os !== "windows") await Deno.chmod(this.at(name), mode);
  }

  load({ flags = {}, environment = {} }: Given = {}): Promise<Loaded> {
    return loadSettings({
      flags,
      environment: { HOME: this.at("home"), ...environment },
      workingDirectory: this.at("work"),
      systemDirectory: this.at("system"),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Loads settings in a place of their own. */
export async function load(given: Given = {}): Promise<Loaded> {
  await using place = await Place.make(given.files);
  return await place.load(given);
}

/** The faults that loading tells, a line each. */
export async function faultsOf(given: Given): Promise<string[]> {
  await using place = await Place.make(given.files);
  return linesOf(await assertRejects(() => place.load(given), SettingsError));
}

/** The faults of an error, a line each. */
export function linesOf(error: SettingsError): string[] {
  const single = /^Cannot use the setting (.*)$/.exec(error.message)?.[1];
  if (single !== undefined) return [single];
  const [first, ...lines] = error.message.split("\n");
  if (first !== `Cannot use ${lines.length} settings:`) throw new Error(`The first line is: ${first}`);
  return lines.map((line) => line.trim());
}
