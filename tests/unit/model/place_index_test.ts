import { assertEquals } from "@std/assert";
import { PlaceIndex } from "../../../src/model/place_index.ts";
import { withChance } from "../../support/seeded.ts";

Deno.test("texts are found at their places, others are not", async () => {
  await withChance((chance) => {
    const index = new PlaceIndex();
    const texts: string[] = [];
    const known = new Map<string, number>();
    const find = (text: string) => index.find(text, (place) => texts[place] === text);
    for (let round = 0; round < 20_000; round++) {
      const text = Math.floor(chance() * 15_000).toString(36) + "é".repeat(Math.floor(chance() * 2));
      assertEquals(find(text), known.get(text));
      if (known.has(text)) continue;
      known.set(text, texts.length);
      texts.push(text);
      index.add(text);
    }
    for (const [text, place] of known) assertEquals(find(text), place);
  });
});

Deno.test("whether two texts are the same is for the one who asks to say", () => {
  const index = new PlaceIndex();
  index.add("a");
  assertEquals(index.find("a", () => true), 0);
  assertEquals(index.find("a", () => false), undefined);
  assertEquals(index.find("", () => true), undefined);
});
