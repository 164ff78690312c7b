import { assertEquals } from "@std/assert";
import { repaired } from "../../../src/extract/mysql_repairs.ts";
import type { RuleType } from "../../../src/model/slot.ts";

function repairs(type: RuleType, expected: Readonly<Record<string, string>>): void {
  const values = Object.keys(expected);
  assertEquals(Object.fromEntries(values.map((value) => [value, repaired(type, value)])), expected);
}

Deno.test("an account's number is picked out of whatever stands around it", () => {
  repairs("follow", {
    "from:2244994945": "2244994945",
    "(from:2244994945 OR to:783214)": "2244994945",
    "id 1234567 (news)": "1234567",
    "1128017341835464704": "1128017341835464704",
    // Fewer than seven digits are part of a name.
    "nasa123456": "nasa123456",
    "@nasa": "@nasa",
    "": "",
  });
});

Deno.test("url_contains: becomes the words of its address, what stands around it stays", () => {
  repairs("track", {
    'url_contains:"example.com"': "example com",
    'deno url_contains: "www.example.com/a-b" kafka': "deno www example com a b kafka",
    "url_contains:example.com": "example com",
    'url_contains:"x.y" url_contains:"café.fr"': "x y café fr",
    'url_contains:""': "",
    "deno kafka": "deno kafka",
    '"url contains"': '"url contains"',
  });
});

Deno.test("brackets and spaces of an area become commas, an area of GeoJSON stays", () => {
  repairs("geo", {
    "[-105.301758 39.964069 -105.178505 40.09455]": "-105.301758,39.964069,-105.178505,40.09455",
    "bounding_box:[-105.3 39.9 -105.1 40.0]": "-105.3,39.9,-105.1,40.0",
    " (-1, 2, 3,4) ": "-1,2,3,4",
    "-1,2,3,4": "-1,2,3,4",
    '{"type": "Polygon", "coordinates": [[[1, 2]]]}': '{"type": "Polygon", "coordinates": [[[1, 2]]]}',
  });
});

Deno.test("a query stays as it is", () => {
  repairs("query", { 'url_contains:"x.y" 12345678 [1 2]': 'url_contains:"x.y" 12345678 [1 2]' });
});
