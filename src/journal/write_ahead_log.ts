/**
 * The write-ahead log beside the journal, as a crash left it. SQLite reads it up to the first frame whose checksum is
 * wrong, and takes that for the end: right after a power cut, when the rest was never whole, but a byte that has changed
 * later would take along all that was committed after it, without a word. Every commit is on disk before the next one is
 * begun, so a whole commit followed by more shows that the wrong frame was whole once.
 *
 * It promises to tell the two apart but for the last commit of all, and to mend the second: the checksums are made anew,
 * so that SQLite reads on, and the journal's own checksums find what has changed. Format: sqlite.org, Database File
 * Format, section 4, "The Write-Ahead Log".
 */

import { openIfThere, writeFullySync } from "../base/file_access.ts";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** Checksums over words of the lesser end first; the other magic number is of machines that have it the other way. */
const MAGIC = 0x377f0682;
const MAGIC_OTHER_END = 0x377f0683;
const VERSION = 3_007_000;

/** Offsets in the header of the log, and in that of a frame. */
const PAGE_SIZE_AT = 8;
const LOG_SALT_AT = 16;
const LOG_CHECKSUM_AT = 24;
const SIZE_AFTER_COMMIT_AT = 4;
const SALT_AT = 8;
const CHECKSUM_AT = 16;

/** How many frames at the beginning are asked for the salt when the header is damaged. */
const FRAMES_ASKED = 16;

type Pair = readonly [number, number];

/**
 * Mends a log in which something has changed after it was written; answers whether there was anything to mend. Throws
 * what the system says.
 */
export function mendLog(path: string, pageSize: number): boolean {
  const file = openIfThere(path, { read: true, write: true });
  if (!file) return false;
  try {
    const log = new Log(file, pageSize);
    if (!log.isDamaged()) return false;
    log.mend();
    file.syncSync();
    return true;
  } finally {
    file.close();
  }
}

class Log {
  readonly #file: Deno.FsFile;
  readonly #pageSize: number;
  readonly #frames: number;
  readonly #header: DataView;
  readonly #isLittleEnded: boolean;

  constructor(file: Deno.FsFile, pageSize: number) {
    this.#file = file;
    this.#pageSize = pageSize;
    this.#frames = Math.max(0, Math.floor((file.statSync().size - HEADER_BYTES) / this.#frameBytes));
    this.#header = this.#read(0, HEADER_BYTES);
    this.#isLittleEnded = this.#header.getUint32(0) !== MAGIC_OTHER_END;
  }

  /** Whether a frame that is wrong was whole once. */
  isDamaged(): boolean {
    if (this.#frames === 0) return false;
    const isHeaderSound = this.#isHeaderSound();
    const salt = isHeaderSound ? pairAt(this.#header, LOG_SALT_AT) : this.#commonSalt();
    let sum = isHeaderSound ? pairAt(this.#header, LOG_CHECKSUM_AT) : undefined;
    let hasCommit = false;
    for (let frame = 0; frame < this.#frames; frame++) {
      const bytes = this.#frame(frame);
      const isOurs = isSame(pairAt(bytes, SALT_AT), salt);
      if (sum) {
        const expected = this.#sumOf(bytes, sum);
        sum = isOurs && isSame(expected, pairAt(bytes, CHECKSUM_AT)) ? expected : undefined;
      }
      if (sum || !isOurs) continue;
      if (hasCommit) return true;
      hasCommit = bytes.getUint32(SIZE_AFTER_COMMIT_AT) > 0;
    }
    return false;
  }

  /** Makes the header and all checksums anew, up to the last frame of the same salt. */
  mend(): void {
    const isHeaderSound = this.#isHeaderSound();
    const salt = isHeaderSound ? pairAt(this.#header, LOG_SALT_AT) : this.#commonSalt();
    const ours = (frame: number) => isSame(pairAt(this.#frame(frame), SALT_AT), salt);
    let last = this.#frames - 1;
    while (last >= 0 && !ours(last)) last--;
    const pages = this.#pagesAtEnd(last, ours);
    if (!isHeaderSound) this.#writeHeader(salt);
    let sum = pairAt(this.#header, LOG_CHECKSUM_AT);
    for (let frame = 0; frame <= last; frame++) {
      const bytes = this.#frame(frame);
      // A frame for a page that cannot be is kept in its place, and counts for nothing.
      const page = bytes.getUint32(0);
      if (page === 0 || page > pages) bytes.setUint32(0, pages + 1);
      put(bytes, SALT_AT, salt);
      put(bytes, CHECKSUM_AT, sum = this.#sumOf(bytes, sum));
      this.#write(HEADER_BYTES + frame * this.#frameBytes, bytes);
    }
  }

  /** How many pages the file has after the last commit. */
  #pagesAtEnd(last: number, ours: (frame: number) => boolean): number {
    for (let frame = last; frame >= 0; frame--) {
      const pages = this.#frame(frame).getUint32(SIZE_AFTER_COMMIT_AT);
      if (pages > 0 && ours(frame)) return pages;
    }
    return 0;
  }

  #isHeaderSound(): boolean {
    const magic = this.#header.getUint32(0);
    return (magic === MAGIC || magic === MAGIC_OTHER_END) && this.#header.getUint32(4) === VERSION &&
      this.#header.getUint32(PAGE_SIZE_AT) === this.#pageSize &&
      isSame(this.#checksum(this.#header, 0, LOG_CHECKSUM_AT, [0, 0]), pairAt(this.#header, LOG_CHECKSUM_AT));
  }

  #writeHeader(salt: Pair): void {
    this.#header.setUint32(0, this.#isLittleEnded ? MAGIC : MAGIC_OTHER_END);
    this.#header.setUint32(4, VERSION);
    this.#header.setUint32(PAGE_SIZE_AT, this.#pageSize);
    put(this.#header, LOG_SALT_AT, salt);
    put(this.#header, LOG_CHECKSUM_AT, this.#checksum(this.#header, 0, LOG_CHECKSUM_AT, [0, 0]));
    this.#write(0, this.#header);
  }

  /** The salt that most of the first frames have: later ones may be left of an earlier log. */
  #commonSalt(): Pair {
    const salts = Array.from(
      { length: Math.min(FRAMES_ASKED, this.#frames) },
      (_, at) => pairAt(this.#frame(at), SALT_AT),
    );
    const groups = [...Map.groupBy(salts, (salt) => salt.join(" ")).values()];
    return groups.reduce((most, group) => group.length > most.length ? group : most)[0]!;
  }

  #sumOf(frame: DataView, before: Pair): Pair {
    const header = this.#checksum(frame, 0, SALT_AT, before);
    return this.#checksum(frame, FRAME_HEADER_BYTES, this.#frameBytes, header);
  }

  #checksum(bytes: DataView, from: number, to: number, [first, second]: Pair): Pair {
    let [one, two] = [first, second];
    for (let at = from; at < to; at += 8) {
      one = (one + bytes.getUint32(at, this.#isLittleEnded) + two) >>> 0;
      two = (two + bytes.getUint32(at + 4, this.#isLittleEnded) + one) >>> 0;
    }
    return [one, two];
  }

  get #frameBytes(): number {
    return FRAME_HEADER_BYTES + this.#pageSize;
  }

  #frame(frame: number): DataView {
    return this.#read(HEADER_BYTES + frame * this.#frameBytes, this.#frameBytes);
  }

  #read(at: number, length: number): DataView {
    const bytes = new Uint8Array(length);
    this.#file.seekSync(at, Deno.SeekMode.Start);
    for (let got = 0; got < length;) {
      const more = this.#file.readSync(bytes.subarray(got));
      if (more === null) break;
      got += more;
    }
    return new DataView(bytes.buffer);
  }

  #write(at: number, { buffer }: DataView): void {
    this.#file.seekSync(at, Deno.SeekMode.Start);
    writeFullySync(this.#file, new Uint8Array(buffer as ArrayBuffer));
  }
}

function pairAt(bytes: DataView, at: number): Pair {
  return [bytes.getUint32(at), bytes.getUint32(at + 4)];
}

function put(bytes: DataView, at: number, [first, second]: Pair): void {
  bytes.setUint32(at, first);
  bytes.setUint32(at + 4, second);
}

function isSame(one: Pair, other: Pair): boolean {
  return one[0] === other[0] && one[1] === other[1];
}
