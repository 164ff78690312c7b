/**
 * Shows a text again and again until it is told to stop: on a terminal in its second screen, as large as it is at that
 * moment, and the first screen is as it was at the end, whatever happens; elsewhere one after the other.
 */

import type { Clock } from "../../base/clock.ts";
import { untilAborted } from "../../base/signals.ts";
import { writeOutput } from "../terminal.ts";
import { cutAt } from "./words.ts";

/** How often it is looked. */
const LOOK_MS = 2_000;

const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const TO_END_OF_LINE = "\u001b[K";
const TO_END_OF_SCREEN = "\u001b[J";

export interface Screen {
  readonly columns: number;
  readonly rows: number;
}

/** Where it is shown. */
export interface Place {
  readonly isTerminal: boolean;
  size(): Screen;
  write(text: string): void;
}

export const STDOUT: Place = {
  get isTerminal() {
    return Deno.stdout.isTerminal();
  },
  size: () => Deno.consoleSize(),
  write: writeOutput,
};

export interface WatchOptions {
  readonly clock: Clock;
  /** Each look is a line for programs: nothing is painted, not on a terminal either. */
  readonly isLines: boolean;
  readonly place?: Place;
  readonly signal: AbortSignal;
}

/** `look` gives the text of one look, for a width; it does not throw for what may pass. */
export async function watch(
  look: (width: number) => Promise<string>,
  { clock, isLines, place = STDOUT, signal }: WatchOptions,
): Promise<void> {
  const isTerminal = place.isTerminal && !isLines;
  try {
    if (isTerminal) place.write(ENTER);
    while (true) {
      // Who asks it to stop does not wait for a Redis that hangs.
      const text = await untilAborted(look(widthIn(place)), signal);
      // Asked after the look: it may be another size by now.
      place.write(isTerminal ? painted(text, place.size()) : isLines ? text : `${text}\n`);
      await clock.sleep(LOOK_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
  } finally {
    if (isTerminal) leave(place);
  }
}

function widthIn(place: Place): number {
  return place.isTerminal ? Math.max(40, place.size().columns) : 80;
}

function leave(place: Place): void {
  try {
    place.write(LEAVE);
  } catch (error) {
    // The terminal has gone: there is nothing to restore.
    if (!(error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.BadResource)) throw error;
  }
}

/** The text on a screen, over what was there; what has no room is counted in the last line. */
export function painted(text: string, { columns, rows }: Screen): string {
  const lines = text.trimEnd().split("\n");
  const room = Math.max(1, rows - 1);
  const fitting = lines.length <= room ? lines : lines.slice(0, Math.max(0, room - 1));
  const more = lines.length > room ? [`${lines.length - fitting.length} more lines; Ctrl-C ends`] : [];
  const whole = [...fitting, ...more].map((line) => `${cutAt(line, columns)[0]}${TO_END_OF_LINE}`);
  return `${HOME}${whole.join("\r\n")}${TO_END_OF_SCREEN}`;
}
