/** Collects lines that are sent together. */

import type { LineMark, SentKind } from "../ledger.ts";
import type { HeldRule } from "../rule_book.ts";
import type { Batch } from "./batch.ts";

const encoder = new TextEncoder();

export class LineWriter {
  readonly #kind: SentKind;
  readonly #parts: Uint8Array[] = [];
  readonly #marks: LineMark[] = [];
  #length = 0;

  constructor(kind: SentKind) {
    this.#kind = kind;
  }

  add(line: string, id: string, rules: readonly string[]): void {
    const bytes = encoder.encode(`${line}\r\n`);
    const start = this.#length;
    this.#parts.push(bytes);
    this.#length += bytes.length;
    this.#marks.push({ id, kind: this.#kind, rules, start, end: this.#length - 2 });
  }

  batch(): Batch {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return { bytes, marks: this.#marks };
  }
}

/** How the line of a tweet ends: with the rules that match it. */
export function rulesTail(matching: readonly HeldRule[]): string {
  return `,"matching_rules":[${matching.map((rule) => rule.matchJson).join(",")}]}`;
}
