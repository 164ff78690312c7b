/**
 * What machine the figures come from.
 *
 * @module
 */

/** The machine in a few words: processor, cores, memory, system. */
export async function machine(): Promise<string> {
  const processors = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const model = /^model name\s*:\s*(.+)$/m.exec(processors)?.[1] ?? "unknown processor";
  const memory = `${Math.round(Deno.systemMemoryInfo().total / 2 ** 30)} GiB`;
  return `${model}, ${navigator.hardwareConcurrency} cores, ${memory}, ${Deno.build.target}, Deno ${Deno.version.deno}`;
}
