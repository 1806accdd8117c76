/** Seeded random numbers for tests, made without the program's own generator. */

/** Uniform numbers in [0, 1): mulberry32. */
export function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A standard normal number, by Box and Muller. */
export const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

export const between = (random: () => number, low: number, high: number): number =>
  low + (high - low) * random();

export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

/** Settings of a property: a fixed seed, so that what runs in CI is what was looked at. STRESS=20 runs 20 times as many from a random start. */
export function seeded(numRuns = 100): { numRuns: number; seed?: number } {
  const stress = Number(process.env.STRESS ?? 0);
  return stress > 0 ? { numRuns: numRuns * stress } : { numRuns, seed: 1 };
}
