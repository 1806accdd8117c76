/**
 * Seeded random streams, one for each (seed, index), so that results depend neither on the number of workers
 * nor on the order in which draws are made. The generator is pure-rand's xoroshiro128+; we only spread seed and
 * index over its state, since neighbouring seeds given to it directly start in neighbouring states.
 */
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

export interface RandomStream {
  /** A whole number from 0 to n - 1. */
  below(n: number): number;
  /** A number in (0, 1). */
  uniform(): number;
  /** A standard normal number. */
  normal(): number;
}

/** How many words of 32 bits there are. */
const WORDS = 0x100000000;

/** One step of the splitmix32 mixer: a bijection of 32-bit words that spreads every input bit. */
function mix(word: number): number {
  let z = (word + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}

/** The stream of `seed` (a whole number up to 2^53 - 1) and `index` (a whole number up to 2^32 - 1). */
export function randomStream(seed: number, index: number): RandomStream {
  const low = seed >>> 0;
  const high = Math.floor(seed / WORDS) >>> 0;
  const first = mix(mix(mix(low) ^ high) ^ index);
  const second = mix(first ^ low);
  const third = mix(second ^ index);
  const generator = xoroshiro128plusFromState([first, second, third, mix(third ^ high) | 1]);
  const uniform = () => ((generator.next() >>> 0) + 0.5) / WORDS;
  return {
    below: (n) => {
      // The numbers of pure-rand's uniformInt, whose remainder of words beyond 2^31 takes three times as long. Words beyond
      // the largest multiple of n would favour small numbers.
      const beyond = Math.floor(WORDS / n) * n;
      let word = generator.next() + WORDS / 2;
      while (word >= beyond) word = generator.next() + WORDS / 2;
      return word - Math.floor(word / n) * n;
    },
    uniform,
    // Box and Muller; the second number of the pair is not kept, so that a stream has no hidden state.
    normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}
