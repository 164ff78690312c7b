/**
 * The terminal: raw keys in, whole pictures out. It promises that what it changed (second screen, cursor, raw mode) is
 * as it was after `close`, and that a picture is one write, so that nothing flickers.
 */

import { writeOutput } from "../terminal.ts";
import type { FrameLine, Size } from "./frame_line.ts";
import { type Key, keysIn } from "./keys.ts";

/** The second screen, no cursor, and no line that goes on in the next where a terminal draws wider than is reckoned. */
const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const LEAVE = "\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l";
/** Terminals that know it show all that comes between at once; others ignore it. */
const BEGIN_PICTURE = "\u001b[?2026h";
const END_PICTURE = "\u001b[?2026l";
const STYLES = { plain: "", strong: "\u001b[1m", bar: "\u001b[7m" } as const;
const NO_STYLE = "\u001b[0m";

/** What a terminal that does not know its size is taken for. */
const USUAL: Size = { columns: 80, rows: 24 };

/** Whether there are keys to read and a screen to paint on. */
export function isScreenThere(): boolean {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}

export class Screen {
  readonly #onResize: () => void;
  #isOpen = false;

  /** `onResize` is called whenever the terminal has another size. */
  constructor(onResize: () => void) {
    this.#onResize = onResize;
  }

  open(): void {
    this.#isOpen = true;
    Deno.stdin.setRaw(true);
    // Windows has no such signal: there the size is asked at the next picture.
    if (Deno.build.os !== "windows") Deno.addSignalListener("SIGWINCH", this.#onResize);
    writeOutput(ENTER);
  }

  /** May be called twice, and where `open` has failed. A terminal that has gone has nothing to restore. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (Deno.build.os !== "windows") Deno.removeSignalListener("SIGWINCH", this.#onResize);
    for (const restore of [() => Deno.stdin.setRaw(false), () => writeOutput(LEAVE)]) {
      try {
        restore();
      } catch {
        // The other one is tried all the same.
      }
    }
  }

  size(): Size {
    const { columns, rows } = Deno.consoleSize();
    return columns > 0 && rows > 0 ? { columns, rows } : USUAL;
  }

  paint(lines: readonly FrameLine[]): void {
    if (this.#isOpen) writeOutput(painted(lines));
  }

  /** Keys as they are pressed, until the terminal is gone. */
  async *keys(): AsyncGenerator<Key> {
    const decoder = new TextDecoder();
    const bytes = new Uint8Array(1_024);
    for (let count = await Deno.stdin.read(bytes); count !== null; count = await Deno.stdin.read(bytes)) {
      yield* keysIn(decoder.decode(bytes.subarray(0, count), { stream: true }));
    }
  }
}

/** Each line at its own place: cleared first, since a cursor after the last column stands on the last character. */
export function painted(lines: readonly FrameLine[]): string {
  const rows = lines.map(({ kind, text }, at) => `\u001b[${at + 1};1H\u001b[2K${STYLES[kind]}${text}${NO_STYLE}`);
  return `${BEGIN_PICTURE}${rows.join("")}${END_PICTURE}`;
}
