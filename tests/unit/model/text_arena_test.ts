import { assertEquals, assertThrows } from "@std/assert";
import { TextArena } from "../../../src/model/text_arena.ts";
import { withChance } from "../../support/seeded.ts";

Deno.test("texts come back as they were, whatever they are made of and however long", () => {
  const arena = new TextArena();
  const texts = ["", "a", "\ufeffé\u{1f600}\u0000", "x".repeat(3_000_000), "é".repeat(400_000), "", "b"];
  assertEquals(texts.map((text) => arena.add(text)), [0, 1, 2, 3, 4, 5, 6]);
  assertEquals(texts.map((_, place) => arena.at(place)), texts);
  assertEquals(arena.size, texts.length);
});

Deno.test("another text may take a place, longer or shorter, and touches no other", async () => {
  await withChance((chance) => {
    const arena = new TextArena();
    const texts: string[] = [];
    for (let round = 0; round < 20_000; round++) {
      const text = ["a", "é", "\u{1f600}"][round % 3]!.repeat(Math.floor(chance() * 40));
      const place = Math.floor(chance() * 2_000);
      if (place >= texts.length) {
        assertEquals(arena.add(text), texts.length);
        texts.push(text);
      } else {
        arena.set(place, text);
        texts[place] = text;
      }
    }
    assertEquals(texts.map((_, place) => arena.at(place)), texts);
    assertEquals(arena.size, texts.length);
  });
});

Deno.test("there is nothing where nothing was put", () => {
  const arena = new TextArena();
  arena.add("a");
  for (const place of [-1, 1, NaN]) {
    assertThrows(() => arena.at(place), RangeError, "of 1");
    assertThrows(() => arena.set(place, "b"), RangeError, "of 1");
  }
});
