/** Chance that can be played again: `TEST_SEED=N` gives the numbers of the run that said `seed N`. */

/** The seed of this run: that of `TEST_SEED`, else a new one. */
export function seedOfRun(): number {
  return Number(Deno.env.get("TEST_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32, by Tommy Ettinger, in the public domain). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Runs a test's body with chance; a failure says the seed. */
export async function withChance(body: (chance: () => number) => void | Promise<void>): Promise<void> {
  const seed = seedOfRun();
  try {
    await body(seeded(seed));
  } catch (error) {
    throw new Error(`seed ${seed} (TEST_SEED=${seed} plays it again)`, { cause: error });
  }
}
