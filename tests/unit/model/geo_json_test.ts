import { assertEquals } from "@std/assert";
import { areaBoxes } from "../../../src/model/geo_json.ts";

const TRIANGLE = [[[-74, 40.5], [-73.8, 40.6], [-73.9, 40.9], [-74, 40.5]]];
const SQUARE = [[[1, 2], [3, 2], [3, 4], [1, 4], [1, 2]], [[1.5, 2.5], [9, 9], [2, 3], [1.5, 2.5]]];
const TRIANGLE_BOX = { west: -74, south: 40.5, east: -73.8, north: 40.9 };
const SQUARE_BOX = { west: 1, south: 2, east: 3, north: 4 };

function boxes(value: unknown) {
  return areaBoxes(JSON.stringify(value));
}

const polygon = { type: "Polygon", coordinates: TRIANGLE };
const several = { type: "MultiPolygon", coordinates: [TRIANGLE, SQUARE] };

Deno.test("a polygon is the box around its outer ring, holes and heights aside", () => {
  assertEquals(boxes(polygon), [TRIANGLE_BOX]);
  assertEquals(boxes({ type: "Polygon", coordinates: SQUARE }), [SQUARE_BOX]);
  assertEquals(boxes({ type: "Polygon", coordinates: [[[1, 2, 100], [3, 4, 200], [2, 3]]] }), [SQUARE_BOX]);
});

Deno.test("several polygons and features are a box each", () => {
  assertEquals(boxes(several), [TRIANGLE_BOX, SQUARE_BOX]);
  assertEquals(boxes({ type: "Feature", properties: { name: "x" }, geometry: polygon }), [TRIANGLE_BOX]);
  assertEquals(
    boxes({
      type: "FeatureCollection",
      features: [{ type: "Feature", geometry: several }, { type: "Feature", geometry: polygon }],
    }),
    [TRIANGLE_BOX, SQUARE_BOX, TRIANGLE_BOX],
  );
});

const NO_AREAS: readonly unknown[] = [
  null,
  7,
  "Polygon",
  [],
  {},
  { type: "Point", coordinates: [1, 2] },
  { type: "LineString", coordinates: TRIANGLE[0] },
  { type: "Polygon" },
  { type: "Polygon", coordinates: [] },
  { type: "Polygon", coordinates: [[[1, 2], [3, 4]]] },
  { type: "Polygon", coordinates: [[[1, 2], [3, "4"], [5, 6]]] },
  { type: "Polygon", coordinates: [[[1], [3], [5]]] },
  { type: "Polygon", coordinates: [[1, 2, 3]] },
  { type: "MultiPolygon", coordinates: [] },
  { type: "MultiPolygon", coordinates: [TRIANGLE, null] },
  { type: "Feature", geometry: null },
  { type: "FeatureCollection", features: [] },
  { type: "FeatureCollection", features: [{ type: "Feature", geometry: polygon }, { type: "Feature" }] },
];

Deno.test("what is no area, or only in part, is none", () => {
  for (const value of NO_AREAS) assertEquals(boxes(value), undefined, JSON.stringify(value));
});

Deno.test("broken JSON is no area", () => {
  for (
    const text of ["", "{", '{"type":"Polygon"', '{"type":"Feature","geometry":'.repeat(3_000), "[".repeat(100_000)]
  ) {
    assertEquals(areaBoxes(text), undefined);
  }
});

Deno.test("features nested as deep as a value is long are read", () => {
  const depth = 3_000;
  const nested = '{"type":"Feature","geometry":'.repeat(depth) + JSON.stringify(polygon) + "}".repeat(depth);
  assertEquals(areaBoxes(nested), [TRIANGLE_BOX]);
});
