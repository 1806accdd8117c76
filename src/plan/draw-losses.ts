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
type DrawLosses = (designs: readonly (Split | null)[]) => number[];

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
  if (names === null || draws.length === 0) {
    return (designs) => designs.map((one, b) => (one === null ? Number.NaN : lossOf(source, draws[b], one)));
  }
  const across = lawAcross(law, draws);
  const column = (designs: readonly (Split | null)[], side: "N" | "D") =>
    Float64Array.from(designs, (one) => (one === null ? Number.NaN : one[side]));
  return (designs) => {
    const columns = { N: column(designs, "N"), D: column(designs, "D") };
    return Array.from(across(law.inputs.map(({ name }) => (name === names.N ? columns.N : columns.D))));
  };
}
