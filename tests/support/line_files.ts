/** What the file sink has written. */

/** The names in a directory, in order. */
export async function namesIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(directory)) names.push(name);
  return names.sort();
}

/** The text of a file, gzipped or not. */
export async function textOf(path: string): Promise<string> {
  const file = await Deno.open(path);
  if (!path.endsWith(".gz")) return await new Response(file.readable).text();
  return await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).text();
}

/** The lines of all files of tweets, in the order of the files; throws when one ends with a torn line. */
export async function linesBelow(directory: string): Promise<string[]> {
  const lines: string[] = [];
  for (const name of await namesIn(directory)) {
    if (!/\.jsonl(\.gz)?$/.test(name)) continue;
    const text = await textOf(`${directory}/${name}`);
    if (text !== "" && !text.endsWith("\n")) throw new Error(`${name} ends with a torn line: ${text.slice(-100)}`);
    lines.push(...text.split("\n").slice(0, -1));
  }
  return lines;
}

/** The same; none where nothing was written yet. */
export async function linesSoFar(directory: string): Promise<string[]> {
  try {
    return await linesBelow(directory);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
