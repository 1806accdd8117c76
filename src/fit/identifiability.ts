/**
 * Before the fit: can these rows tell the parameters apart at all?
 */
import { DataError } from "../errors.js";
import type { Law } from "../laws/law.js";
import type { Diagnosis, Observations } from "../objects.js";

/** Under this range of ln x a column carries no exponent: a factor of 1.1 from end to end. */
const SMALLEST_LOG_RANGE = 0.1;
/** Above this correlation of ln N and ln D the two terms are one. */
const LARGEST_CORRELATION = 0.99;

export const logRange = (column: Float64Array): number => logRangeOf(column.length, (i) => column[i]);

function logRangeOf(n: number, value: (i: number) => number): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const x = value(i);
    if (x < low) low = x;
    if (x > high) high = x;
  }
  // Of inputs that may be 0 or less (shares, scores) any difference counts.
  if (!(low > 0)) return high > low ? Number.POSITIVE_INFINITY : 0;
  return Math.log(high / low);
}

/** The inputs of a law that hardly vary. */
export function constantInputs({ inputs }: Pick<Observations, "inputs">): string[] {
  return [...inputs].filter(([, column]) => !varies(column)).map(([name]) => name);
}

/** Whether a column spans a factor of 1.1, or a tenth of its largest size where it has no logs. */
function varies(column: Float64Array): boolean {
  const low = column.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (low > 0) return logRange(column) >= SMALLEST_LOG_RANGE;
  const high = column.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return high > low && high - low >= SMALLEST_LOG_RANGE * Math.max(Math.abs(low), Math.abs(high));
}

/** Correlation of the logs of two columns. */
function correlation(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  let ma = 0;
  let mb = 0;
  for (let i = 0; i < n; i++) {
    ma += Math.log(a[i]) / n;
    mb += Math.log(b[i]) / n;
  }
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < n; i++) {
    const da = Math.log(a[i]) - ma;
    const db = Math.log(b[i]) - mb;
    ab += da * db;
    aa += da ** 2;
    bb += db ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

/** Inputs that carry an exponent: where one never varies its term is part of the floor. */
const SCALES: ReadonlySet<string> = new Set(["params", "tokens", "flops", "scale"]);

/** Refuses rows that no fit of `parameters` parameters can come from. */
export function requireAnswerable(observations: Observations, law: Law, parameters: number): void {
  const n = observations.measured.length;
  if (law.parameters.length === 0) {
    throw new DataError({
      code: "nothing-to-fit",
      message: `the law "${law.id}" has no parameters, so there is nothing to fit`,
      hint: `scalefit predict --law ${law.id} --at ... gives its value`,
    });
  }
  if (n < parameters) {
    throw new DataError({
      code: "too-few-rows",
      message: `${n} usable ${n === 1 ? "row" : "rows"}, and the law "${law.id}" has ${parameters} parameters`,
      why: `at least ${parameters} rows are needed for a curve, ${parameters + 1} for any idea of its error, 15 for a useful one`,
      hint: "add runs (small ones of other sizes help most), or take a law with fewer parameters such as power-floor",
    });
  }
  const [first] = observations.measured;
  if (observations.measured.every((value) => value === first)) {
    throw new DataError({
      code: "constant-measure",
      message: `the measured value is ${first} in all ${n} rows: it depends on nothing here`,
      hint: "check that the right column was taken; --map loss=COLUMN takes another",
    });
  }
  // Only a law of the catalogue says what its inputs are for; a formula of one's own may well have a constant one.
  const scales = new Set(
    law.inputs
      .filter(({ quantity, mayBeConstant }) => SCALES.has(quantity) && !mayBeConstant)
      .map(({ name }) => name),
  );
  const constant = law.isCustom ? [] : constantInputs(observations).filter((name) => scales.has(name));
  if (constant.length > 0) {
    const others = [...observations.inputs.keys()].filter((name) => !constant.includes(name));
    throw new DataError({
      code: "no-variation",
      message: `${constant.join(" and ")} ${constant.length > 1 ? "are" : "is"} the same in every row, so the law "${law.id}" cannot be fitted`,
      why: "a term that never varies cannot be told from the floor E",
      hint:
        others.length > 0
          ? `fit --law power-floor takes the loss against ${others[0]} alone; to split a budget, add runs in which ${constant[0]} differs`
          : `add runs in which ${constant[0]} differs`,
    });
  }
}

/** All rows within this factor of one N D are one budget: there is no second one to learn from. */
const ONE_BUDGET = 1.3;
/** Decades that a term needs to show its exponent. */
const DECADES = 1;

/** Every row was trained with about the same compute: where the optimum lies there, and nothing of how it moves. */
function oneBudget({ inputs }: Observations): Diagnosis[] {
  const [N, D] = [inputs.get("N"), inputs.get("D")];
  if (N === undefined || D === undefined) return [];
  const range = Math.exp(logRangeOf(N.length, (i) => N[i] * D[i]));
  if (!(range <= ONE_BUDGET)) return [];
  return [
    {
      code: "one-budget",
      severity: "warning",
      message:
        "all rows have about the same compute N D: they show the best size at this budget, and nothing of how it grows. " +
        "Do not plan another budget by this fit; a few sizes at a second budget, ten times smaller or larger, would cure it",
      numbers: { range },
    },
  ];
}

/** Terms whose input spans less than a decade. */
export function narrowRanges(
  { inputs }: Observations,
  terms: readonly { input: string; exponent: string }[],
): Diagnosis[] {
  return terms.flatMap(({ input, exponent }) => {
    const column = inputs.get(input);
    const range = column === undefined ? Number.POSITIVE_INFINITY : Math.exp(logRange(column));
    if (!(range < 10 ** DECADES)) return [];
    return [
      {
        code: "narrow-range",
        severity: "warning" as const,
        message: `${input} varies by a factor of ${range.toPrecision(2)} only: within less than a decade ${exponent} and the floor trade off against each other. Runs at a tenth of the smallest ${input} would fix ${exponent}`,
        numbers: { range },
      },
    ];
  });
}

/** Inputs that move together, so that their terms cannot be told apart. */
export function collinearity(observations: Observations): Diagnosis[] {
  const single = oneBudget(observations);
  if (single.length > 0) return single;
  const inputs = [...observations.inputs];
  const found: Diagnosis[] = [];
  for (let a = 0; a < inputs.length; a++) {
    for (let b = a + 1; b < inputs.length; b++) {
      const r = correlation(inputs[a][1], inputs[b][1]);
      if (Math.abs(r) <= LARGEST_CORRELATION) continue;
      const [first, second] = [inputs[a][0], inputs[b][0]];
      found.push({
        code: "collinear",
        severity: "warning",
        message:
          `${first} and ${second} ${r > 0 ? "rise together" : "go against each other"} in these rows (correlation of their logs ${r.toFixed(4)}): their terms ` +
          `cannot be told apart, so a budget cannot be split by this fit. Losses along the same line of ${first} and ${second} ` +
          `can be predicted. Runs of one ${first} at several ${second} would cure it`,
        numbers: { correlation: r },
      });
    }
  }
  return found;
}
