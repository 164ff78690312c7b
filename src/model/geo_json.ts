/**
 * Areas in GeoJSON, as the boxes around them: X's rules know boxes and circles alone.
 * Source: RFC 7946, sections 3.1.6 (Polygon), 3.1.7 (MultiPolygon), 3.2 (Feature), 3.3 (FeatureCollection).
 */

import type { Box } from "./area.ts";
import { isObject, type JsonValue } from "./json.ts";

/** The box around each polygon of a GeoJSON text; undefined when it holds none, or anything else. */
export function areaBoxes(text: string): Box[] | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // told by the caller, who knows what the text was to be
  }
  const boxes = boxesIn(value);
  return boxes && boxes.length > 0 ? boxes : undefined;
}

function boxesIn(value: JsonValue | undefined): Box[] | undefined {
  if (!isObject(value)) return undefined;
  const { type, coordinates, geometry, features } = value;
  if (type === "Feature") return boxesIn(geometry);
  if (type === "FeatureCollection" && Array.isArray(features)) return allOf(features.map(boxesIn));
  if (type === "Polygon") return allOf([boxAround(coordinates)].map((box) => box && [box]));
  if (type === "MultiPolygon" && Array.isArray(coordinates)) {
    return allOf(coordinates.map(boxAround).map((box) => box && [box]));
  }
  return undefined;
}

/** The box around a polygon's outer ring. */
function boxAround(polygon: JsonValue | undefined): Box | undefined {
  const ring = Array.isArray(polygon) ? polygon[0] : undefined;
  if (!Array.isArray(ring) || ring.length < 3) return undefined;
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (const point of ring) {
    const [longitude, latitude] = Array.isArray(point) ? point : [];
    if (typeof longitude !== "number" || typeof latitude !== "number") return undefined;
    box.west = Math.min(box.west, longitude);
    box.east = Math.max(box.east, longitude);
    box.south = Math.min(box.south, latitude);
    box.north = Math.max(box.north, latitude);
  }
  return box;
}

function allOf(lists: readonly (Box[] | undefined)[]): Box[] | undefined {
  return lists.includes(undefined) ? undefined : (lists as Box[][]).flat();
}
