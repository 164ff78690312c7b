/** What was pressed, from the characters that a terminal in raw mode sends. Pure. */

export type Key =
  | { readonly kind: "character"; readonly character: string }
  | {
    readonly kind:
      | "up"
      | "down"
      | "left"
      | "right"
      | "pageUp"
      | "pageDown"
      | "home"
      | "end"
      | "enter"
      | "escape"
      | "backspace"
      | "interrupt";
  };

type Named = Exclude<Key["kind"], "character">;

const AFTER_ESCAPE: ReadonlyMap<string, Named> = new Map([
  ["[A", "up"],
  ["[B", "down"],
  ["[C", "right"],
  ["[D", "left"],
  ["OA", "up"],
  ["OB", "down"],
  ["OC", "right"],
  ["OD", "left"],
  ["[5~", "pageUp"],
  ["[6~", "pageDown"],
  ["[H", "home"],
  ["[F", "end"],
  ["OH", "home"],
  ["OF", "end"],
  ["[1~", "home"],
  ["[4~", "end"],
]);

/** Ctrl-C; Ctrl-D and Ctrl-\ mean the same to whoever wants to be out. */
const CONTROLS: ReadonlyMap<string, Named> = new Map([
  ["\u0003", "interrupt"],
  ["\u0004", "interrupt"],
  ["\u001c", "interrupt"],
  ["\r", "enter"],
  ["\n", "enter"],
  ["\u007f", "backspace"],
  ["\b", "backspace"],
]);

// deno-lint-ignore no-control-regex
const PRESSED = /\u001b(?:\[[0-9;?<]*[ -/]*[@-~]|O[@-~]|\[[0-9;]*$)?|[^\u001b]/gu;

/** The keys in what was read at once. A sequence that means nothing here is no key. */
export function keysIn(text: string): Key[] {
  return Array.from(text.matchAll(PRESSED), ([pressed]) => keyOf(pressed)).filter((key) => key !== undefined);
}

function keyOf(pressed: string): Key | undefined {
  if (pressed === "\u001b") return { kind: "escape" };
  const named = pressed.startsWith("\u001b") ? AFTER_ESCAPE.get(pressed.slice(1)) : CONTROLS.get(pressed);
  if (named) return { kind: named };
  return pressed < " " ? undefined : { kind: "character", character: pressed };
}
