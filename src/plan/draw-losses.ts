/**
 * The loss of designs in every draw of a source, worked out column by column: a plan asks for some thirty thousand of them,
 * and one by one they take most of its time. The bits are those of `lossOf` for each.
 */
import { lawAcross } from "../laws/evaluate-law.js";
import type { Split } from "../laws/law.js";
import { lossOf } from "./design.js";
import type { Derived } from "./intervals.js";
import { splitInputs } from "./numeric-allocation.js";
import type { Source } from "./source.js";

/** Losses of one design a draw; not a number where a draw has none. */
type DrawLosses = (designs: ArrayLike<Split | null>) => ArrayLike<number>;

const known = new WeakMap<Source, DrawLosses>();

/** Those of the designs that were asked about; the same ones are shown, priced and held against others. */
const ofDesigns = new WeakMap<Derived<Split>, { source: Source; losses: Derived<number> }>();

/** The loss of the design that each draw has of its own. */
export function lossesOf(source: Source, designs: Derived<Split>): Derived<number> {
  const before = ofDesigns.get(designs);
  if (before?.source === source) return before.losses;
  const losses: Derived<number> = {
    estimate: lossOf(source, source.estimate, designs.estimate),
    draws: inDraws(source)(designs.draws),
    at(c) {
      const design = designs.at(c);
      return design === null ? null : lossOf(source, c, design);
    },
  };
  ofDesigns.set(designs, { source, losses });
  return losses;
}

/** The loss of one design under every draw. */
export function lossesAt(source: Source, design: Split): Derived<number> {
  return {
    estimate: lossOf(source, source.estimate, design),
    draws: inDraws(source)(source.draws.map(() => design)),
    at: (c) => lossOf(source, c, design),
  };
}

function inDraws(source: Source): DrawLosses {
  const made = known.get(source) ?? drawLosses(source);
  known.set(source, made);
  return made;
}

function drawLosses(source: Source): DrawLosses {
  const { law, draws } = source;
  const names = splitInputs(law);
  if (names === null) {
    return (designs) =>
      draws.map((c, b) => {
        const design = designs[b];
        return design === null ? Number.NaN : lossOf(source, c, design);
      });
  }
  const across = lawAcross(law, draws);
  return (designs) => {
    const N = new Float64Array(draws.length).fill(Number.NaN);
    const D = new Float64Array(draws.length).fill(Number.NaN);
    for (let b = 0; b < draws.length; b++) {
      const design = designs[b];
      if (design === null) continue;
      N[b] = design.N;
      D[b] = design.D;
    }
    return across(law.inputs.map(({ name }) => (name === names.N ? N : D)));
  };
}
