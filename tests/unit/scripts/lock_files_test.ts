/**
 * The two lock files: the local registry's entries stay out of `deno.lock`, and both hold every npm package that
 * `deno.json` names, with the same hashes. `scripts/registry/README.md` says how they are made.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { inRoot } from "../../../scripts/run/paths.ts";

interface Lock {
  specifiers: Record<string, string>;
  jsr: Record<string, { integrity: string }>;
  npm: Record<string, { integrity?: string }>;
}

const read = async (path: string) => JSON.parse(await Deno.readTextFile(inRoot(path)));
const real: Lock = await read("deno.lock");
const local: Lock = await read("scripts/registry/deno.lock");
const imports: Record<string, string> = (await read("deno.json")).imports;

Deno.test("deno.lock knows nothing of the local registry", async () => {
  assert(!(await Deno.readTextFile(inRoot("deno.lock"))).includes("deno-std"));
  for (const [name, { integrity }] of Object.entries(local.jsr)) {
    assert(real.jsr[name]?.integrity !== integrity, `${name} is the local registry's`);
  }
});

Deno.test("both lock files hold the npm packages of deno.json", () => {
  for (const specifier of Object.values(imports).filter((specifier) => specifier.startsWith("npm:"))) {
    assert(specifier in real.specifiers, `${specifier} is not in deno.lock`);
    assert(specifier in local.specifiers, `${specifier} is not in scripts/registry/deno.lock`);
  }
});

Deno.test("both lock files have the same npm packages with the same hashes", () => {
  const shared = Object.fromEntries(Object.entries(local.npm).filter(([name]) => !name.startsWith("deno-std@")));
  assertEquals(real.npm, shared);
});
