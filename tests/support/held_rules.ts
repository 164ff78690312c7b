/**
 * What the simulator holds, and what it was asked.
 *
 * @module
 */
import type { Simulator } from "../../src/simulate/simulator.ts";

export interface HeldRule {
  readonly id: string;
  readonly value: string;
  readonly tag: string;
}

/** The rules at X. */
export async function heldRules({ url }: Simulator): Promise<HeldRule[]> {
  const text = await (await fetch(`${url}/sim/rules`)).text();
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** Asks X's own endpoint for rules, as somebody else would. */
export async function changeRules({ token, url }: Simulator, body: unknown): Promise<void> {
  const response = await fetch(`${url}/2/tweets/search/stream/rules`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  await response.text();
}

/** How often X was asked to change rules, trials included. */
export function ruleChanges(simulator: Simulator): number {
  return simulator.requests().filter(({ method, path }) => method === "POST" && path.endsWith("/rules")).length;
}
