/** Values of tables that were made for GNIP, mended as the Python program's script did it. Pure. */

import type { RuleType } from "../model/slot.ts";

/** `url_contains:"x.y"`, with or without quotes and a space. */
const URL_CONTAINS = /url_contains:\s?(?:"([^"]*)"|([\w.-]+))/g;

/** A value as a rule of its type reads it. */
export function repaired(type: RuleType, value: string): string {
  switch (type) {
    case "follow":
      // Of whatever stands around it, the account's number is what counts; it has seven digits at least.
      return /\d{7,}/.exec(value)?.[0] ?? value;
    case "track":
      return value.replace(
        URL_CONTAINS,
        (_whole, quoted?: string, bare?: string) =>
          (quoted ?? bare ?? "").split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "").join(" "),
      );
    case "geo":
      return value.trimStart().startsWith("{") ? value : numbersOf(value);
    case "query":
      return value;
  }
}

/** What stands between the numbers of an area becomes commas. */
function numbersOf(value: string): string {
  return value.replace(/^\s*bounding_box:/, "").split(/[\s,[\]()]+/).filter((part) => part !== "").join(",");
}
