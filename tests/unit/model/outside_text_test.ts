import { assertEquals } from "@std/assert";
import { shown, shownOnOneLine } from "../../../src/model/outside_text.ts";

Deno.test("every character that could move a cursor, break a line or reorder text is spelled out", () => {
  const unsafe = [
    ...Array.from({ length: 0x20 }, (_, code) => code),
    ...Array.from({ length: 0x21 }, (_, at) => 0x7f + at),
    ...[0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069],
  ];
  for (const code of unsafe) {
    assertEquals(shown(`a${String.fromCodePoint(code)}b`), `a\\u{${code.toString(16)}}b`);
  }
});

Deno.test("ordinary text of any script stays as it is", () => {
  const text = "日本語 العربية עברית हिन्दी ไทย 👩🏽‍🏫 é \u00a0 “quoted”";
  assertEquals(shown(text), text);
});

Deno.test("what is too long is cut between characters", () => {
  assertEquals(shown("abcdef", 3), "abc…");
  assertEquals(shown("ab🦖cd", 3), "ab…");
  assertEquals(shown("abc", 3), "abc");
});

Deno.test("a tweet's line breaks are shown as one sign each, and nothing is cut", () => {
  assertEquals(shownOnOneLine("a\nb\r\nc\u2028d\u001b[2J"), "a⏎b⏎c⏎d\\u{1b}[2J");
  assertEquals(shownOnOneLine("x".repeat(5_000)).length, 5_000);
});
