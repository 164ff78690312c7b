/** Texts as broken disks, transfers and hands leave them. */

const HOSTILE = [
  ...'{}[]()"\\,:-#@$~\n\r\0',
  "\ufeff",
  "\u2028",
  "\ud800",
  "\ufffd",
  "__proto__",
  " OR ",
  "from:",
  "<",
];

/** The text with a few pieces cut, doubled, swapped for others, or mixed with hostile ones. */
export function mangled(text: string, chance: () => number): string {
  let out = text;
  for (let cuts = Math.floor(chance() * 6); cuts >= 0; cuts--) {
    const from = Math.floor(chance() * out.length);
    const piece = out.slice(from, from + Math.floor(chance() * 12));
    const put = [piece + piece, "", HOSTILE[Math.floor(chance() * HOSTILE.length)]!][Math.floor(chance() * 3)]!;
    out = out.slice(0, from) + put + out.slice(from + piece.length);
  }
  return out;
}
