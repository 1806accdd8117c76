import fc from "fast-check";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/fit/random.js";
import { seeded } from "../support/random.js";

/** The words of a stream, for pure-rand. */
const wordsOf = (seed: number, index: number) => {
  const stream = randomStream(seed, index);
  return { next: () => stream.below(2 ** 32) - 2 ** 31 };
};

describe("a random stream", () => {
  test("gives the whole numbers that pure-rand makes of its words", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        fc.nat(),
        // Half of the words are left out for a size just over 2^31.
        fc.oneof(
          fc.integer({ min: 1, max: 5000 }),
          fc.integer({ min: 1, max: 2 ** 31 - 1 }),
          fc.constant(2 ** 31 + 1),
        ),
        (seed, index, size) => {
          const stream = randomStream(seed, index);
          const words = wordsOf(seed, index) as Parameters<typeof uniformInt>[0];
          for (let i = 0; i < 20; i++) expect(stream.below(size)).toBe(uniformInt(words, 0, size - 1));
        },
      ),
      seeded(),
    );
  });
});
