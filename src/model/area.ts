/**
 * Areas on the globe, in degrees: boxes, their size in miles, and tiles that cover a box exactly.
 *
 * Source: docs.x.com, Filtered stream: Operators (`bounding_box`, `point_radius`): width, height and radius of an area
 * are less than 25 miles; longitudes go to 180 degrees, latitudes to 90.
 */

export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export interface Circle {
  readonly longitude: number;
  readonly latitude: number;
  readonly miles: number;
}

/** A side of an area, and a circle's radius, are shorter than this. */
export const AREA_LIMIT_MILES = 25;

/** How wide tiles are made at most: X has not published how it measures, so something is left over. */
const TILE_MILES = 24.5;

/** How many degrees a tile goes round a pole at most: whatever goes further may be read the other way round. */
const MOST_DEGREES = 120;

const EARTH_RADIUS_MILES = 3958.7613;
const KM_PER_MILE = 1.609344;
const RADIANS = Math.PI / 180;

/** What is wrong with the corners of a box, or undefined. */
export function boxFault({ west, south, east, north }: Box): string | undefined {
  if (![west, south, east, north].every(Number.isFinite)) return "a coordinate is no number";
  if (Math.abs(south) > 90 || Math.abs(north) > 90) {
    const isSwapped = Math.abs(west) <= 90 && Math.abs(east) <= 90;
    const why = isSwapped ? ": latitude and longitude are swapped" : "";
    return `a latitude lies beyond 90 degrees${why}; the order is west,south,east,north`;
  }
  if (Math.abs(west) > 180 || Math.abs(east) > 180) return "a longitude lies beyond 180 degrees";
  if (south >= north) return "the area is empty, its south is not below its north; the order is west,south,east,north";
  if (west >= east) {
    return "the area is empty, its west is not left of its east; the order is west,south,east,north, " +
      "and an area across the 180th meridian is two boxes";
  }
  return undefined;
}

/** The height of a box and its width where it is widest, along the parallel, in miles. */
export function boxSize({ west, south, east, north }: Box): { width: number; height: number } {
  const widest = south <= 0 && north >= 0 ? 0 : Math.min(Math.abs(south), Math.abs(north));
  return {
    width: (east - west) * RADIANS * EARTH_RADIUS_MILES * Math.cos(widest * RADIANS),
    height: (north - south) * RADIANS * EARTH_RADIUS_MILES,
  };
}

/** Whether X takes a box as it is. */
export function isSmallBox(box: Box): boolean {
  const { width, height } = boxSize(box);
  return width < AREA_LIMIT_MILES && height < AREA_LIMIT_MILES && box.east - box.west <= MOST_DEGREES;
}

/** How many tiles cover a box, without making them. */
export function tileCount(box: Box): number {
  if (isSmallBox(box)) return 1;
  return rowsOf(box).reduce((sum, row) => sum + columnsOf(row), 0);
}

/** Boxes small enough for X that together are exactly the box: they share edges and nothing else. */
export function tilesOf(box: Box): Box[] {
  if (isSmallBox(box)) return [box];
  return rowsOf(box).flatMap((row) => {
    const columns = columnsOf(row);
    const edges = edgesBetween(row.west, row.east, columns);
    return edges.slice(1).map((east, column) => ({ ...row, west: edges[column]!, east }));
  });
}

function rowsOf(box: Box): Box[] {
  const rows = Math.ceil(boxSize(box).height / TILE_MILES);
  const edges = edgesBetween(box.south, box.north, rows);
  return edges.slice(1).map((north, row) => ({ ...box, south: edges[row]!, north }));
}

function columnsOf(row: Box): number {
  return Math.ceil(Math.max(boxSize(row).width / TILE_MILES, (row.east - row.west) / MOST_DEGREES));
}

/** Edges of equal parts, to a hundred-thousandth of a degree (about a metre); the first and last are kept as they are. */
function edgesBetween(first: number, last: number, parts: number): number[] {
  const inner = Array.from({ length: parts - 1 }, (_, at) => {
    return Math.round((first + (last - first) * (at + 1) / parts) * 100_000) / 100_000;
  });
  return [first, ...inner, last];
}

/** The box of an operator's value, `west south east north`; undefined when it is no four numbers. */
export function readBox(value: string): Box | undefined {
  const numbers = value.split(/[\s,]+/).filter((part) => part !== "");
  if (numbers.length !== 4 || !numbers.every(isDecimal)) return undefined;
  const [west, south, east, north] = numbers.map(Number) as [number, number, number, number];
  return { west, south, east, north };
}

/** The circle of an operator's value, `longitude latitude 10mi` (or `km`); undefined when it is none. */
export function readCircle(value: string): Circle | undefined {
  const [longitude = "", latitude = "", radius = "", ...rest] = value.split(/[\s,]+/).filter((part) => part !== "");
  const [, length, unit] = /^(\d+(?:\.\d+)?|\.\d+)(mi|km)$/.exec(radius) ?? [];
  if (rest.length > 0 || length === undefined || !isDecimal(longitude) || !isDecimal(latitude)) return undefined;
  const miles = unit === "km" ? Number(length) / KM_PER_MILE : Number(length);
  return { longitude: Number(longitude), latitude: Number(latitude), miles };
}

/** A box as an operator's value. */
export function boxValue({ west, south, east, north }: Box): string {
  return [west, south, east, north].map(decimal).join(" ");
}

/** A number without an exponent, which X would not read. */
function decimal(number: number): string {
  const text = String(number);
  return text.includes("e") ? number.toFixed(12).replace(/\.?0+$/, "") : text;
}

/** Whether a text is a plain decimal number. */
export function isDecimal(text: string): boolean {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text);
}
