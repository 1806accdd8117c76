/**
 * The utility of filtered data and its decay under repetition: error from samples seen and unique samples there are.
 *
 * After epoch j a run has seen n_j = min(j U, n) samples. In epoch j the data are worth delta^(j-1) of what they were
 * new, delta = (1/2)^(1/tau). Every form below is made from the worth of the whole run, a polynomial in delta.
 *
 * @see arXiv 2404.07177, eq. 3 and theorem 1; the code of its authors differs from the paper in two places
 */
import { add, constant, divide, exp, type Jet, mapped, multiply, power, subtract, sum } from "./jet.js";
import { type Compute, defineFamily, defineLaw, type LawDefinition } from "./law.js";
import { domains, perDomain } from "./mixture.js";

/** Powers of delta under this share of the first are no longer seen. */
const NEGLIGIBLE = 1e-18;

/** What the samples of epoch j (of n_j - n_(j-1) > 0) add to the worth, before the decay. */
type EpochWorth = (before: number, after: number) => number;

/**
 * SUM_j w_j delta^(j-1) over the epochs of n samples out of U, as a jet. Cost: the number of epochs, at most some 60 tau.
 */
function worthOf(delta: Jet, n: number, U: number, worth: EpochWorth): Jet {
  const d = delta.v;
  let [value, slope, bend] = [0, 0, 0];
  for (let j = 0, seen = 0; seen < n; j++) {
    const after = Math.min((j + 1) * U, n);
    const w = worth(seen, after);
    const decay = d ** j;
    value += w * decay;
    if (j > 0) slope += j * w * d ** (j - 1);
    if (j > 1) bend += j * (j - 1) * w * d ** (j - 2);
    if (j > 1 && j * j * decay < NEGLIGIBLE) break;
    seen = after;
  }
  return mapped(delta, value, slope, bend);
}

/** (1/2)^(1/tau). */
const decayOf = (tau: Jet, pools = 1): Jet => exp(divide(constant(-Math.LN2 / pools), tau));

const POSITIVE = [0, Number.POSITIVE_INFINITY] as const;

const SAMPLES: LawDefinition["inputs"] = {
  samples: {
    quantity: "scale",
    unit: "samples",
    meaning: "samples seen, repeats counted",
    reads: ["samples"],
  },
};
const UNIQUE: LawDefinition["inputs"] = {
  unique: {
    quantity: "scale",
    unit: "samples",
    meaning: "unique samples in the pool",
    reads: ["unique"],
  },
};
const ERROR: LawDefinition["output"] = {
  name: "error",
  quantity: "fraction",
  meaning: "error of the model",
  reads: ["error"],
  range: [0, Number.POSITIVE_INFINITY],
};

const UTILITY = {
  meaning: "utility of the pool: exponent of its first samples",
  bounds: [-2, 0],
  start: { between: [-0.5, -0.005], spacing: "even" },
} as const;
const HALF_LIFE = {
  meaning: "epochs after which a sample is worth half",
  bounds: [0.05, 1000],
  positive: true,
  start: { between: [0.5, 50], spacing: "log" },
} as const;
const FLOOR = {
  meaning: "error that no data take away",
  bounds: POSITIVE,
  positive: true,
  neutral: 0,
} as const;
const UNIT = {
  meaning: "samples that count as one; a unit only, held in every fit",
  bounds: POSITIVE,
  positive: true,
  neutral: 1e5,
  held: 1e5,
} as const;

const NOTES = [
  "U samples make an epoch; a run of n samples ends within epoch n/U",
  "b and a need runs, or points of one run, at several n; tau needs runs of several epochs",
];

/** ln(n_1/Z) + SUM_(j>1) ln(n_j/n_(j-1)) delta^(j-1). */
const logWorth = (delta: Jet, n: number, U: number, Z: number): Jet =>
  worthOf(delta, n, U, (before, after) => Math.log(after / (before === 0 ? Z : before)));

const paperForm: Compute = ({ a, b, tau, d, Z }, { samples, unique }) => {
  const worth = logWorth(decayOf(tau), samples.v, unique.v, Z.v);
  return add(multiply(a, exp(multiply(b, worth))), d);
};

/**
 * y = a (n_1/Z)^b PROD_(j>1) (n_j/n_(j-1))^(b delta^(j-1)) + d.
 *
 * @see arXiv 2404.07177, eq. 3, with samples counted in units of Z
 */
export const dataFiltering = defineLaw({
  id: "data-filtering",
  title: "Error from filtered data and its repetition (paper's form)",
  topic: "data",
  formula: "a (n_1/Z)^b PROD_(j>1) (n_j/n_(j-1))^(b 2^(-(j-1)/tau)) + d, n_j = min(j unique, samples)",
  compute: paperForm,
  output: ERROR,
  inputs: { ...SAMPLES, ...UNIQUE },
  parameters: {
    a: {
      meaning: "error above the floor after Z samples",
      bounds: POSITIVE,
      positive: true,
      isLinear: true,
    },
    b: UTILITY,
    tau: HALF_LIFE,
    d: { ...FLOOR, isLinear: true },
    Z: UNIT,
  },
  source: "arXiv 2404.07177, eq. 3",
  notes: [
    ...NOTES,
    "the authors' code computes other forms: data-filtering-code and data-filtering-effective",
  ],
  objective: "squares",
  route: 60,
  examples: [
    "scalefit predict --law data-filtering --coefficients a=1.2,b=-0.08,tau=3,d=0.1 --at samples=32e6,unique=12.8e6",
  ],
});

/**
 * y = ((a n_1/Z)^b + d) PROD_(j>1) (n_j/n_(j-1))^(b delta^(j-1)): a counts samples, and the floor shrinks with the rest.
 *
 * @see the authors' code, objective.py, func_effective_utility
 */
export const dataFilteringCode = defineLaw({
  id: "data-filtering-code",
  title: "Error from filtered data and its repetition (as the authors' code has it)",
  topic: "data",
  formula: "((a n_1/Z)^b + d) PROD_(j>1) (n_j/n_(j-1))^(b 2^(-(j-1)/tau)), n_j = min(j unique, samples)",
  compute: ({ a, b, tau, d, Z }, { samples, unique }) => {
    const first = Math.min(unique.v, samples.v);
    // The first factor apart, without decay; what is left of the worth begins with epoch 2.
    const later = subtract(logWorth(decayOf(tau), samples.v, unique.v, Z.v), Math.log(first / Z.v));
    return multiply(add(power(multiply(a, first / Z.v), b), d), exp(multiply(b, later)));
  },
  output: ERROR,
  inputs: { ...SAMPLES, ...UNIQUE },
  parameters: {
    a: {
      meaning: "factor of the samples",
      bounds: [1e-12, 1e12],
      positive: true,
      start: { between: [1e-4, 1e4], spacing: "log" },
    },
    b: UTILITY,
    tau: HALF_LIFE,
    d: { ...FLOOR, isLinear: true },
    Z: UNIT,
  },
  source: "arXiv 2404.07177, its code: objective.py, func_effective_utility",
  notes: [
    ...NOTES,
    "the floor d is added before the product and falls with it: with many samples the error falls below d",
  ],
  objective: "squares",
  examples: [
    "scalefit predict --law data-filtering-code --coefficients a=0.02,b=-0.05,tau=3,d=0.1 --at samples=32e6,unique=12.8e6",
  ],
});

/**
 * y = n_eff^b + d with n_eff = SUM_j (n_j - n_(j-1)) (a/Z) delta^(j-1): decayed samples in place of decayed exponents.
 *
 * @see the authors' code, objective.py, func_effective_data
 */
export const dataFilteringEffective = defineLaw({
  id: "data-filtering-effective",
  title: "Error from effective samples, whose worth halves with repetition",
  topic: "data",
  formula: "(SUM_j (n_j - n_(j-1)) (a/Z) 2^(-(j-1)/tau))^b + d, n_j = min(j unique, samples)",
  compute: ({ a, b, tau, d, Z }, { samples, unique }) => {
    const worth = worthOf(decayOf(tau), samples.v, unique.v, (before, after) => (after - before) / Z.v);
    return add(power(multiply(a, worth), b), d);
  },
  output: ERROR,
  inputs: { ...SAMPLES, ...UNIQUE },
  parameters: {
    a: {
      meaning: "factor of the samples",
      bounds: [1e-12, 1e12],
      positive: true,
      start: { between: [1e-4, 1e4], spacing: "log" },
    },
    b: UTILITY,
    tau: HALF_LIFE,
    d: { ...FLOOR, isLinear: true },
    Z: UNIT,
  },
  source: "arXiv 2404.07177, its code: objective.py, func_effective_data",
  notes: NOTES,
  objective: "squares",
  examples: [
    "scalefit predict --law data-filtering-effective --coefficients a=0.02,b=-0.05,tau=3,d=0.1 --at samples=128e6,unique=12.8e6",
  ],
});

/** p of P pools in equal parts: as one pool p times as large, with the mean of the utilities, each decaying p times slower. */
const poolsForm =
  (P: number): Compute =>
  (c, { samples, pools_used }) => {
    const p = Math.min(Math.max(Math.round(pools_used.v), 1), P);
    const worths = domains(p).map((i) =>
      multiply(c[`b${i}`], logWorth(decayOf(c[`tau${i}`], p), samples.v, p * c.pool.v, c.Z.v)),
    );
    return add(multiply(c.a, exp(divide(sum(worths), p))), c.d);
  };

const definePools = (P: number): LawDefinition => ({
  id: "data-filtering-pools",
  title: "Error from several pools of filtered data, mixed from the best down",
  topic: "data",
  formula:
    "a (n_1/Z)^(B_0) PROD_(j>1) (n_j/n_(j-1))^(B_(j-1)) + d, B_j = (1/p) SUM_(i<=p) b_i 2^(-j/(p tau_i)), n_j = min(j p pool, samples)",
  compute: poolsForm(P),
  output: ERROR,
  inputs: {
    ...SAMPLES,
    pools_used: {
      quantity: "count",
      unit: "pools",
      meaning: "how many pools are mixed in equal parts, the best first",
      reads: ["pools_used", "pools"],
      range: [1, P],
    },
  },
  parameters: {
    a: {
      meaning: "error above the floor after Z samples",
      bounds: POSITIVE,
      positive: true,
      isLinear: true,
    },
    ...perDomain("b", P, (i) => ({ ...UTILITY, meaning: `utility of pool ${i}` })),
    ...perDomain("tau", P, (i) => ({ ...HALF_LIFE, meaning: `half-life of pool ${i}, in epochs` })),
    d: { ...FLOOR, isLinear: true },
    Z: UNIT,
    pool: {
      meaning: "unique samples in each pool; known, to be fixed in a fit",
      bounds: POSITIVE,
      positive: true,
      start: { within: "samples" },
    },
  },
  source: "arXiv 2404.07177, theorem 1",
  notes: [
    ...NOTES,
    "pools are of equal size and numbered from the most negative b; the number to use grows with the samples seen",
    "in a fit the size of a pool is known: --fix pool=12.8e6",
  ],
  answers: [
    {
      kind: "optimum",
      name: "optimum",
      meaning: "how many of the best pools to mix for so many samples, and the error that follows",
      given: ["samples"],
      gives: ["pools_used", "error"],
      solve(c, { samples }) {
        const held = Object.fromEntries(Object.entries(c).map(([name, value]) => [name, constant(value)]));
        const errors = domains(P).map(
          (p) => poolsForm(P)(held, { samples: constant(samples), pools_used: constant(p) }).v,
        );
        const error = Math.min(...errors);
        return Number.isFinite(error) ? { pools_used: errors.indexOf(error) + 1, error } : null;
      },
    },
  ],
  objective: "squares",
  isCandidate: false,
  examples: [
    'scalefit predict --law data-filtering-pools --coefficients "a=1.2,b=[-0.1,-0.08,-0.05],tau=[2,3,5],d=0.1,pool=12.8e6" --at samples=128e6,pools_used=2',
  ],
});

/**
 * The same for p of P pools of equal size mixed in equal parts: each is repeated p times more slowly.
 *
 * @see arXiv 2404.07177, theorem 1
 */
export const dataFilteringPools = defineFamily({
  counts: "pools",
  usual: 3,
  tried: [],
  limits: [1, 64],
  lists: ["b", "tau"],
  columns: null,
  define: definePools,
});
