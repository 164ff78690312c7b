/** The sample files in GNIP's format, for the tests that read them. */

export const SAMPLES = ["accounts.json", "powertrack.json", "rules-response.json", "plain-list.txt"] as const;

export function gnipSample(name: typeof SAMPLES[number]): Promise<string> {
  return Deno.readTextFile(new URL(`../../data/gnip/${name}`, import.meta.url));
}
