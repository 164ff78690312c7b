/**
 * Watches one file. It watches the file's directory, for editors put a new file in the old one's place, and asks at
 * each change there whether the file is another: so links that are turned to another file are seen too.
 * A directory that is not there, or that cannot be watched, is tried again and again.
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { fileStamp, SETTLE_MS } from "./file_text.ts";

/** How long until a directory that could not be watched is tried again. */
const AGAIN_MS = 5_000;

export interface FileWatcher {
  /** The file may be another now; also when watching begins, and begins again. */
  onChange(): void;
  /** Changes are not seen any more; told once until watching begins again. */
  onLost(reason: string): void;
}

/** Watches until the function that is returned is called. */
export function watchFile(path: string, clock: Clock, watcher: FileWatcher): () => void {
  const ending = new AbortController();
  void watchOn(path, clock, watcher, ending.signal);
  return () => ending.abort();
}

async function watchOn(path: string, clock: Clock, watcher: FileWatcher, signal: AbortSignal): Promise<void> {
  let isTold = false;
  while (!signal.aborted) {
    let reason = "the directory has gone";
    try {
      await watchOnce(path, clock, signal, () => {
        isTold = false;
        watcher.onChange();
      });
    } catch (error) {
      reason = messageOf(error);
    }
    if (signal.aborted) return;
    if (!isTold) watcher.onLost(reason);
    isTold = true;
    await clock.sleep(AGAIN_MS, signal).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }
}

/** Watches until the signal, or until the directory goes away. Throws what the system throws. */
async function watchOnce(path: string, clock: Clock, signal: AbortSignal, onChange: () => void): Promise<void> {
  const directory = directoryOf(path);
  const events = Deno.watchFs(directory, { recursive: false });
  const close = () => events.close();
  signal.addEventListener("abort", close, { once: true });
  let cancel: (() => void) | undefined;
  try {
    let stamp = await fileStamp(path);
    const compare = async () => {
      const now = await fileStamp(path);
      if (now !== stamp && !signal.aborted) onChange();
      stamp = now;
    };
    if (signal.aborted) return;
    onChange();
    for await (const event of events) {
      if (event.kind === "access") continue;
      // Several steps in quick succession are one change.
      cancel?.();
      cancel = clock.after(SETTLE_MS, compare);
      if (event.kind === "remove" && await fileStamp(directory) === undefined) return;
    }
  } finally {
    cancel?.();
    signal.removeEventListener("abort", close);
    if (!signal.aborted) close();
  }
}

function directoryOf(path: string): string {
  const end = Math.max(path.lastIndexOf("/"), Deno.build.os === "windows" ? path.lastIndexOf("\\") : -1);
  return end < 0 ? "." : path.slice(0, end) || "/";
}
