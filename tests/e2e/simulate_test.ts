/** `traptor simulate` as a program: what its flags say about X. */

import { assertEquals, assertMatch } from "@std/assert";
import { SIMULATOR_TOKEN } from "../../src/simulate/simulator.ts";
import { runTraptor, startTraptor } from "../support/traptor.ts";

/** Starts the simulator with flags and asks it for something. */
async function askWith(flags: readonly string[], path: string): Promise<Response> {
  await using simulator = startTraptor(["simulate", ...flags]);
  await simulator.says(/The simulator listens at http:\/\/127\.0\.0\.1:\d+/);
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(simulator.stderr)![0];
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${SIMULATOR_TOKEN}` } });
  return new Response(await answer.bytes(), answer);
}

Deno.test("--tier says what the project pays for; without it, pay-per-use", async () => {
  const capOf = async (...flags: string[]) =>
    (await (await askWith(flags, "/2/tweets/search/stream/rules/counts")).json()).data.cap_per_project;
  assertEquals(await capOf("--tier", "enterprise"), "25000");
  assertEquals(await capOf("--tier", "pay-per-use"), "1000");
  assertEquals(await capOf(), "1000");
});

Deno.test("--clock-skew puts X's clock ahead or behind", async () => {
  for (const skew of [86_400, -86_400]) {
    const { headers } = await askWith([`--clock-skew=${skew}`], "/2/usage/tweets");
    const ahead = (Date.parse(headers.get("date")!) - Date.now()) / 1000;
    assertEquals(Math.round(ahead / 3_600), skew / 3_600);
  }
});

Deno.test("tiers and skews that there are not are refused in two lines", async () => {
  for (
    const [flag, words] of [
      ["--tier=basic", /^Cannot simulate the tier "basic"/],
      ["--clock-skew=soon", /^Cannot use --clock-skew soon/],
      ["--clock-skew=86401", /^Cannot use --clock-skew 86401/],
    ] as const
  ) {
    const { code, stderr } = await runTraptor(["simulate", flag]);
    assertEquals([code, stderr.trimEnd().split("\n").length], [64, 2], stderr);
    assertMatch(stderr, words);
  }
});
