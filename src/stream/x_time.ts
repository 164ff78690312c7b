/** What X's clock says: times that X names are compared with it, not with ours, which may be wrong. */

/** X's time in an answer, in milliseconds since 1970, to the second; `fallback` where X does not tell. */
export function timeIn(response: Response, fallback: number): number {
  return Date.parse(response.headers.get("date") ?? "") || fallback;
}

/** A moment in seconds since 1970 in the form that X takes. */
export function toTheSecond(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.000Z$/, "Z");
}
