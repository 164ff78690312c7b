/**
 * A disk's directory as programs see it, and as it is after a power cut: what was fsynced is there; of what was written
 * since then anything may be.
 *
 * A sector of 512 bytes is written whole or not at all, with all that programs had written to it at that moment; sectors
 * reach the disk in any order. A file that has grown may be as short as it was, or longer than what arrived in it, with
 * zeros between. Names come and go in order, and for sure when the directory is fsynced: file systems with a log do it
 * so. That is what SQLite asks of a disk (sqlite.org: Atomic Commit, "powersafe overwrite"), and no more.
 *
 * @module
 */

interface Write {
  readonly kind: "write";
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What a program does to a file. */
type Change = Write | { readonly kind: "truncate"; readonly size: number };

/** What a program does to a directory. */
export type DiskOperation =
  | Change & { readonly name: string }
  | { readonly kind: "create" | "sync" | "remove"; readonly name: string }
  | { readonly kind: "rename"; readonly name: string; readonly to: string }
  | { readonly kind: "sync_directory" };

/** The contents of a directory's files, by name. */
export type Contents = ReadonlyMap<string, Uint8Array>;

const SECTOR = 512;

export class Disk {
  readonly #names: Map<string, DiskFile>;
  /** The names that are there for sure, and what became of them since, in order. */
  #syncedNames = new Map<string, DiskFile>();
  #changes: ((names: Map<string, DiskFile>) => void)[] = [];

  /** With files that are there for sure. */
  constructor(contents: Contents = new Map()) {
    for (const [name, bytes] of contents) this.#syncedNames.set(name, new DiskFile(bytes));
    this.#names = new Map(this.#syncedNames);
  }

  do(operation: DiskOperation): void {
    switch (operation.kind) {
      case "create":
        return this.#create(operation.name);
      case "remove":
        return this.#change((names) => void names.delete(operation.name));
      case "rename": {
        const file = this.#file(operation.name);
        return this.#change((names) => {
          names.delete(operation.name);
          names.set(operation.to, file);
        });
      }
      case "sync_directory":
        this.#syncedNames = new Map(this.#names);
        this.#changes = [];
        return;
      case "sync":
        return this.#file(operation.name).sync();
      default:
        return this.#file(operation.name).change(operation);
    }
  }

  /** What programs see. */
  get contents(): Contents {
    return new Map([...this.#names].map(([name, file]) => [name, file.contents]));
  }

  /** What is there after a power cut now. */
  afterPowerCut(chance: () => number): Contents {
    const names = new Map(this.#syncedNames);
    for (const change of this.#changes.slice(0, Math.floor(chance() * (this.#changes.length + 1)))) change(names);
    return new Map([...names].map(([name, file]) => [name, file.afterPowerCut(chance)]));
  }

  #create(name: string): void {
    if (this.#names.has(name)) return;
    const file = new DiskFile();
    this.#change((names) => void names.set(name, file));
  }

  #change(change: (names: Map<string, DiskFile>) => void): void {
    change(this.#names);
    this.#changes.push(change);
  }

  #file(name: string): DiskFile {
    const file = this.#names.get(name);
    if (!file) throw new RangeError(`There is no file ${name}`);
    return file;
  }
}

class DiskFile {
  #synced: Uint8Array;
  /** What was done since the last fsync. */
  #changes: Change[] = [];

  constructor(synced: Uint8Array = new Uint8Array()) {
    this.#synced = synced;
  }

  change(change: Change): void {
    this.#changes.push(change);
  }

  sync(): void {
    this.#synced = this.contents;
    this.#changes = [];
  }

  get contents(): Uint8Array {
    return changed(this.#synced, this.#changes);
  }

  afterPowerCut(chance: () => number): Uint8Array {
    // Everything of one file and nothing of another is what shows a wrong order between them.
    const rate = [0, 1, chance()][Math.floor(chance() * 3)]!;
    const missed = new Set<number>();
    const arrived = this.#changes.flatMap((change): Change[] => change.kind === "write" ? sectorsOf(change) : [change])
      .filter((change) => {
        if (change.kind === "truncate") return chance() < rate;
        const sector = Math.floor(change.offset / SECTOR);
        // A sector that was never written again holds nothing of later writes either.
        if (!missed.has(sector) && chance() >= rate) missed.add(sector);
        return !missed.has(sector);
      });
    const grown = { kind: "write", offset: this.contents.length, bytes: new Uint8Array() } as const;
    return changed(this.#synced, chance() < 0.5 ? [...arrived, grown] : arrived);
  }
}

/** The bytes with changes made to them. */
function changed(bytes: Uint8Array, changes: readonly Change[]): Uint8Array {
  let size = bytes.length;
  const room = new Uint8Array(changes.reduce((most, change) => Math.max(most, endOf(change)), size));
  room.set(bytes);
  for (const change of changes) {
    if (change.kind === "write") room.set(change.bytes, change.offset);
    else room.fill(0, change.size);
    size = change.kind === "write" ? Math.max(size, endOf(change)) : change.size;
  }
  return room.subarray(0, size);
}

function endOf(change: Change): number {
  return change.kind === "write" ? change.offset + change.bytes.length : change.size;
}

/** A write, cut at the borders of sectors. */
function sectorsOf({ offset, bytes }: Write): Write[] {
  const parts: Write[] = [];
  for (let at = offset; at < offset + bytes.length;) {
    const end = Math.min((Math.floor(at / SECTOR) + 1) * SECTOR, offset + bytes.length);
    parts.push({ kind: "write", offset: at, bytes: bytes.subarray(at - offset, end - offset) });
    at = end;
  }
  return parts;
}
