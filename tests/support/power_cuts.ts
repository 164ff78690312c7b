/**
 * Power cuts at random points of a journal's recorded life, and a look at what each leaves.
 *
 * @module
 */
import { type Bounds, checkAfterPowerCut } from "./power_cut_check.ts";
import { type Contents, Disk } from "./power_cut_disk.ts";
import { NO_PROGRESS, type Progress, type Said } from "./power_cut_life.ts";
import { diskAfter, isSame, type Recorded, writeContents } from "./power_cut_record.ts";

/** What came of them. */
export interface Outcome {
  /** Those after which the disk lacked something of what programs had seen. */
  readonly lossy: number;
  /** What was found wrong. */
  readonly failures: readonly Error[];
}

/** Cuts the power so many times, each time at a point of the one life, and looks at what is left. */
export async function tryPowerCuts(
  record: readonly Recorded[],
  cuts: number,
  chance: () => number,
  check: (directory: string, bounds: Bounds) => void = checkAfterPowerCut,
): Promise<Outcome> {
  const points = Map.groupBy(Array.from({ length: cuts }, () => pointIn(record, chance)), (point) => point);
  const failures: Error[] = [];
  let lossy = 0;
  let disk = new Disk();
  let bounds: Bounds = { promised: NO_PROGRESS, doing: NO_PROGRESS };
  for (let point = 0; point <= record.length; point++) {
    for (const _ of points.get(point) ?? []) {
      const left = disk.afterPowerCut(chance);
      if (!isSame(left, disk.contents)) lossy += 1;
      const error = await faultOf(left, (directory) => check(directory, bounds));
      if (error) failures.push(new Error(`power cut at point ${point} of ${record.length}`, { cause: error }));
    }
    const event = record[point];
    if (event === undefined) break;
    disk = diskAfter(disk, event);
    if (event.kind === "said") bounds = boundsAfter(bounds, JSON.parse(event.text));
  }
  return { lossy, failures };
}

/** Any moment; every other time one at which the writer has just said something: then a promise is young. */
function pointIn(record: readonly Recorded[], chance: () => number): number {
  const any = Math.floor(chance() * (record.length + 1));
  if (chance() < 0.5) return any;
  const said = record.findIndex(({ kind }, index) => index >= any && kind === "said");
  return said < 0 ? any : said + 1;
}

/** What is wrong with a journal's files. */
async function faultOf(contents: Contents, check: (directory: string) => void): Promise<Error | undefined> {
  const directory = await Deno.makeTempDir({ prefix: "traptor-test-" });
  try {
    await writeContents(directory, contents);
    check(directory);
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function boundsAfter({ promised, doing }: Bounds, said: Said): Bounds {
  return "doing" in said ? { promised, doing: said.doing } : { promised: farther(promised, said.promised), doing };
}

/** A promise that was given holds, whatever a later process finds. */
function farther(one: Progress, other: Progress): Progress {
  return {
    accepted: Math.max(one.accepted, other.accepted),
    file: Math.max(one.file, other.file),
    kafka: Math.max(one.kafka, other.kafka),
  };
}
