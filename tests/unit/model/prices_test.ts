/** What X charges for what an answer holds. */

import { assertEquals } from "@std/assert";
import { DOLLAR, dollars, priceOf } from "../../../src/model/prices.ts";

Deno.test("each post, user, and medium of an answer is counted by the list, and nothing else", () => {
  const [post, user, media] = [0.005, 0.01, 0.005].map((price) => price * DOLLAR) as [number, number, number];
  assertEquals(priceOf({ data: [{}, {}, {}] }), 3 * post);
  const includes = { users: [{}, {}], tweets: [{}], media: [{}, {}, {}], places: [{}], polls: [{}] };
  assertEquals(priceOf({ data: [{}], includes }), 2 * post + 2 * user + 3 * media);
  assertEquals(priceOf({ data: Array(100).fill({}), includes: { users: Array(100).fill({}) } }), 1.5 * DOLLAR);
});

Deno.test("an answer without posts, and one in an odd form, costs nothing", () => {
  assertEquals([{}, { data: null }, { data: {} }, { data: [], includes: [] }].map(priceOf), [0, 0, 0, 0]);
  assertEquals(priceOf({ data: "12345", includes: { users: { length: 7 }, media: "abc" } }), 0);
});

Deno.test("sums are shown in dollars and cents", () => {
  assertEquals([0, 5_000, 1_500_000, 123_456_789].map(dollars), ["$0.00", "$0.01", "$1.50", "$123.46"]);
});
