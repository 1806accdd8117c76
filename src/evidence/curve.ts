/**
 * A fitted law as one curve along a scale: the least loss at a training budget for laws of parameters and tokens, the law
 * itself for laws of one input.
 */
import { UsageError } from "../errors.js";
import { extent } from "../fit/quantiles.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { Observations } from "../objects.js";
import { inputsAt, lossOf, solveFalling } from "../plan/design.js";
import { shiftAt } from "../plan/guard.js";
import { allocationOf } from "../plan/numeric-allocation.js";
import type { Coefficients, Source } from "../plan/source.js";

export interface Curve {
  source: Source;
  /** The scale's name: `C` for compute, else the law's input. */
  along: string;
  /** The value at a scale; not a number where there is none. */
  at(c: Coefficients, x: number): number;
  /** The scale at which the value is reached; null where it is not. */
  inverse(c: Coefficients, value: number): number | null;
  /** By how much a limit is moved there against a law that bends, on the scale of the residuals. */
  shiftAt(x: number): number;
  /** Smallest and largest scale of the data. */
  range: [number, number];
  /** Whether a value costs so little that all draws can be asked. */
  isCheap: boolean;
}

/**
 * @param observations the rows behind the source
 * @throws UsageError for a law that is no curve along one scale
 */
export function curveOf(source: Source, observations: Observations): Curve {
  const { law } = source;
  const forms = law.inputs.length === 2 ? allocationOf(law) : null;
  if (forms !== null) return alongCompute(source, forms, observations);
  const [input, ...others] = law.inputs;
  if (others.length > 0) {
    throw new UsageError({
      code: "no-curve",
      message: `curves of the law "${law.id}" cannot be compared: it has ${law.inputs.length} inputs (${law.inputs.map(({ name }) => name).join(", ")})`,
      hint: "compare along one of them with --by COLUMN, or under a law of parameters and tokens such as chinchilla",
    });
  }
  const at = (c: Coefficients, x: number) => evaluateLaw(law, c, { [input.name]: x });
  return {
    source,
    along: source.quantities.get(input.name) ?? input.name,
    at,
    inverse: (c, value) => solveFalling((x) => at(c, x), value),
    shiftAt: (x) => shiftAt(source, { [input.name]: x }),
    range: extent(observations.inputs.get(input.name) as Float64Array),
    isCheap: true,
  };
}

function alongCompute(
  source: Source,
  forms: NonNullable<ReturnType<typeof allocationOf>>,
  { inputs }: Observations,
): Curve {
  const { law, flopsPerParamToken: k } = source;
  const splitAt = (c: Coefficients, C: number) => forms.optimum(c, C / k);
  const [N, D] = law.inputs.map(({ name }) => inputs.get(name) as Float64Array);
  return {
    source,
    along: "C",
    at(c, C) {
      const split = splitAt(c, C);
      return split === null ? Number.NaN : lossOf(source, c, split);
    },
    inverse(c, value) {
      const product = forms.productForLoss(c, value);
      return product === null ? null : k * product;
    },
    shiftAt(C) {
      const split = splitAt(source.estimate, C);
      return split === null ? 0 : shiftAt(source, inputsAt(law, split));
    },
    range: extent(N.map((value, i) => k * value * D[i])),
    isCheap: law.allocation !== null,
  };
}
