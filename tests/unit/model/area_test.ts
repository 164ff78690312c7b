import { assert, assertEquals } from "@std/assert";
import {
  type Box,
  boxFault,
  boxSize,
  boxValue,
  isDecimal,
  isSmallBox,
  readBox,
  readCircle,
  tileCount,
  tilesOf,
} from "../../../src/model/area.ts";
import { withChance } from "../../support/seeded.ts";

function box(west: number, south: number, east: number, north: number): Box {
  return { west, south, east, north };
}

Deno.test("what is wrong with a box", () => {
  const order = "the order is west,south,east,north";
  assertEquals(boxFault(box(-74.1, 40.6, -73.8, 40.9)), undefined);
  assertEquals(boxFault(box(-180, -90, 180, 90)), undefined);
  assertEquals(boxFault(box(NaN, 1, 2, 3)), "a coordinate is no number");
  assertEquals(boxFault(box(0, 1, Infinity, 3)), "a coordinate is no number");
  assertEquals(boxFault(box(-181, 1, 2, 3)), "a longitude lies beyond 180 degrees");
  assertEquals(boxFault(box(170, 1, 181, 3)), "a longitude lies beyond 180 degrees");
  assertEquals(boxFault(box(100, -91, 101, 3)), `a latitude lies beyond 90 degrees; ${order}`);
  assertEquals(
    boxFault(box(37, -122, 38, -121)),
    `a latitude lies beyond 90 degrees: latitude and longitude are swapped; ${order}`,
  );
  assertEquals(boxFault(box(1, 4, 2, 3)), `the area is empty, its south is not below its north; ${order}`);
  assertEquals(boxFault(box(1, 3, 2, 3)), `the area is empty, its south is not below its north; ${order}`);
  assertEquals(
    boxFault(box(179, 1, -179, 2)),
    `the area is empty, its west is not left of its east; ${order}, and an area across the 180th meridian is two boxes`,
  );
});

Deno.test("a box is measured where it is widest", () => {
  const rounded = (area: Box) => Object.values(boxSize(area)).map(Math.round);
  assertEquals(rounded(box(0, -1, 1, 1)), [69, 138]);
  assertEquals(rounded(box(0, 59, 1, 60)), [36, 69]);
  assertEquals(rounded(box(0, -60, 1, -59)), [36, 69]);
  assertEquals(rounded(box(-180, -90, 180, 90)), [24_874, 12_437]);
});

Deno.test("X takes sides of less than 25 miles, and nothing that goes far round a pole", () => {
  assertEquals(isSmallBox(box(0, 0, 0.361, 0.361)), true);
  assertEquals(isSmallBox(box(0, 0, 0.362, 0.1)), false);
  assertEquals(isSmallBox(box(0, 0, 0.1, 0.362)), false);
  assertEquals(isSmallBox(box(0, 60, 0.72, 60.1)), true);
  assertEquals(isSmallBox(box(0, 89.99, 100, 90)), true);
  assertEquals(isSmallBox(box(-180, 89.99, 180, 90)), false);
});

Deno.test("a small box is its own tile, a larger one has as many as it takes", () => {
  const small = box(-74.1, 40.6, -73.8, 40.9);
  assertEquals(tilesOf(small), [small]);
  assertEquals(tilesOf(box(0, 0, 0.6, 0.6)), [
    box(0, 0, 0.3, 0.3),
    box(0.3, 0, 0.6, 0.3),
    box(0, 0.3, 0.3, 0.6),
    box(0.3, 0.3, 0.6, 0.6),
  ]);
  assertEquals(tileCount(box(-122.75, 36.8, -121.75, 37.8)), 9);
  assertEquals(tileCount(box(-180, 89.99, 180, 90)), 3);
  assertEquals(tileCount(box(-180, -90, 180, 90)) > 300_000, true);
});

/** A box anywhere on the globe, of anything from a street to a country. */
function randomBox(chance: () => number): Box {
  const round = (degrees: number) => Number(degrees.toFixed(Math.floor(chance() * 7)));
  for (;;) {
    const size = 10 ** (chance() * 4 - 3);
    const [west, south] = [chance() * 360 - 180, chance() < 0.1 ? 89 : chance() * 180 - 90];
    const area = box(
      round(west),
      round(south),
      round(Math.min(west + size * chance() * 3, 180)),
      round(Math.min(south + size, 90)),
    );
    if (boxFault(area) === undefined) return area;
  }
}

Deno.test("tiles are exactly the box: rows from edge to edge, tiles from edge to edge, each small enough", async () => {
  await withChance((chance) => {
    let cut = 0;
    for (let round = 0; round < 1_500; round++) {
      const area = randomBox(chance);
      const count = tileCount(area);
      if (count > 5_000) continue;
      const tiles = tilesOf(area);
      assertEquals(tiles.length, count, boxValue(area));
      if (count > 1) cut++;
      const rows = Map.groupBy(tiles, ({ south }) => south);
      let south = area.south;
      for (const row of rows.values()) {
        const north = row[0]!.north;
        let west = area.west;
        for (const tile of row) {
          assertEquals([tile.south, tile.north, tile.west], [south, north, west], boxValue(area));
          assertEquals([boxFault(tile), isSmallBox(tile)], [undefined, true], `${boxValue(tile)} of ${boxValue(area)}`);
          // X reads what is written.
          assertEquals(readBox(boxValue(tile)), tile);
          west = tile.east;
        }
        assertEquals(west, area.east);
        south = north;
      }
      assertEquals(south, area.north);
    }
    assert(cut > 300, `only ${cut} boxes were cut`);
  });
});

Deno.test("a box's value has no exponents", () => {
  assertEquals(boxValue(box(-74.1, 40, 1e-7, 1.5e-7)), "-74.1 40 0.0000001 0.00000015");
  assertEquals(boxValue(box(-0, 0, 1, 2)), "0 0 1 2");
});

Deno.test("boxes and circles are read with spaces or commas, and nothing else is one", () => {
  assertEquals(readBox(" -74.1 40.6,-73.8  +40.9 "), box(-74.1, 40.6, -73.8, 40.9));
  for (const text of ["", "1 2 3", "1 2 3 4 5", "1 2 3 x", "1 2 3 0x4", "1 2 3 1e1", "1 2 3 Infinity"]) {
    assertEquals(readBox(text), undefined, text);
  }
  assertEquals(readCircle("-73.9 40.7 10mi"), { longitude: -73.9, latitude: 40.7, miles: 10 });
  assertEquals(readCircle("2,48,16.09344km")?.miles, 10);
  for (const text of ["", "1 2", "1 2 3", "1 2 3mi 4", "1 2 -3mi", "1 2 3MI", "x 2 3mi"]) {
    assertEquals(readCircle(text), undefined, text);
  }
});

Deno.test("decimal numbers are plain digits", () => {
  for (const text of ["1", "-1.5", "+.5", "5.", "007"]) assertEquals(isDecimal(text), true, text);
  for (const text of ["", ".", "-", "1e5", "0x1", "1,5", "NaN", " 1", "١"]) assertEquals(isDecimal(text), false, text);
});
