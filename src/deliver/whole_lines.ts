/** Files whose last line is whole: what is not is cut off. */

const LINE_FEED = 10;

/** How far back the end of a line is looked for at a time. */
const LOOK_BACK = 65_536;

/** Truncates a file, open for reading and writing, to the end of its last whole line; answers with that length. */
export async function cutToWholeLines(file: Deno.FsFile): Promise<number> {
  const { size } = await file.stat();
  const length = await wholeLines(file, size);
  if (length < size) {
    await file.truncate(length);
    await file.syncData();
  }
  return length;
}

async function wholeLines(file: Deno.FsFile, size: number): Promise<number> {
  const block = new Uint8Array(LOOK_BACK);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - LOOK_BACK);
    await file.seek(start, Deno.SeekMode.Start);
    const length = await readFully(file, block.subarray(0, end - start));
    const last = block.subarray(0, length).lastIndexOf(LINE_FEED);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}

async function readFully(file: Deno.FsFile, into: Uint8Array): Promise<number> {
  let at = 0;
  while (at < into.length) {
    const read = await file.read(into.subarray(at));
    if (read === null) break;
    at += read;
  }
  return at;
}
