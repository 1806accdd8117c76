import { lnGammaRatio } from "./gamma.js";
import { add, constant, expm1, type Jet, negate, subtract } from "./jet.js";
import { defineLaw, type LawDefinition } from "./law.js";

const SAMPLES = {
  quantity: "count",
  unit: "samples",
  meaning: "samples of which one must pass",
  range: [1, Number.POSITIVE_INFINITY],
} as const;

/**
 * c(k) = exp(a k^b): coverage, the share of problems that at least one of k samples solves. -ln c is a power law.
 *
 * Inverse: k = (ln c / a)^(1/b).
 *
 * @see arXiv 2407.21787, section 3.1
 */
export const passAtK = defineLaw({
  id: "pass-at-k",
  title: "Coverage from repeated samples (Large Language Monkeys)",
  topic: "tasks and test time",
  formula: "exp(a * k^b)",
  output: {
    name: "coverage",
    quantity: "fraction",
    meaning: "share of problems solved by at least one of k samples",
    reads: ["coverage", "pass_at_k", "pass@k", "solved"],
    range: [0, 1],
  },
  inputs: { k: SAMPLES },
  parameters: {
    a: {
      meaning: "log of the coverage of one sample",
      bounds: [Number.NEGATIVE_INFINITY, 0],
      start: { between: [-10, -0.01], spacing: "log" },
    },
    b: {
      meaning: "exponent of the samples",
      bounds: [-4, 0],
      start: { between: [-2, -0.02], spacing: "log" },
    },
  },
  source: "arXiv 2407.21787, section 3.1",
  notes: [
    "estimate each coverage without bias from n >= k samples a problem (law pass-at-k-estimator), not from one draw of k",
    "coverages of one set of samples go together: resample problems, or fit the success rates themselves (law pass-at-k-beta)",
    "needs a verifier that knows a right answer when it is sampled",
  ],
  answers: [
    {
      kind: "inverse",
      name: "k",
      meaning: "the samples that reach this coverage: above exp(a), below 1",
      given: ["coverage"],
      gives: ["k"],
      solve({ a, b }, { coverage }) {
        return coverage > 0 && coverage < 1 ? { k: (Math.log(coverage) / a) ** (1 / b) } : null;
      },
    },
  ],
  objective: "binomial",
  route: 40,
  examples: [
    "scalefit predict --law pass-at-k --coefficients a=-1.84,b=-0.4 --at k=100",
    "scalefit predict --law pass-at-k --coefficients a=-1.84,b=-0.4 --solve k --at coverage=0.9",
  ],
});

const wholeNumbers = (...names: string[]) => ({
  code: "not-a-count",
  holds: (at: Readonly<Record<string, number>>) => names.every((name) => Number.isInteger(at[name])),
  reason: `${names.join(", ")} are whole numbers`,
  hint: "give counts, not rates",
});

const CORRECT_RULE = {
  code: "successes-above-trials",
  holds: ({ c, n }: Readonly<Record<string, number>>) => c <= n,
  reason: "there are more correct samples (c) than samples (n)",
  hint: "c is counted among the n samples of a problem",
};

const COUNTS: LawDefinition["inputs"] = {
  n: {
    quantity: "count",
    unit: "samples",
    meaning: "samples drawn for the problem",
    reads: ["n", "samples", "trials"],
    range: [1, Number.POSITIVE_INFINITY],
  },
  c: {
    quantity: "count",
    unit: "samples",
    meaning: "samples of them that are correct",
    reads: ["c", "correct", "successes"],
    zero: true,
  },
};

/** ln of C(n - c, k)/C(n, k), the chance that k of n samples hold none of the c correct ones, as a short sum of log1p. */
function logMissed(n: number, c: number, k: number): number {
  // C(n-c, k)/C(n, k) = C(n-k, c)/C(n, c): the product over the shorter of the two.
  const [few, many] = c < k ? [c, k] : [k, c];
  let total = 0;
  for (let i = 0; i < few; i++) total += Math.log1p(-many / (n - i));
  return total;
}

/**
 * 1 - C(n - c, k)/C(n, k): what pass@k is on average over draws of k of the n samples of one problem, c of them correct;
 * 1 where n - c < k.
 *
 * @see arXiv 2107.03374, eq. 1
 */
export const passAtKEstimator = defineLaw({
  id: "pass-at-k-estimator",
  title: "pass@k of one problem from n samples, c of them correct, without bias",
  topic: "tasks and test time",
  formula: "1 - C(n - c, k) / C(n, k)",
  compute: (_, at) => {
    const [n, c, k] = [at.n.v, at.c.v, at.k.v];
    // Without a correct sample 0, not -0.
    return constant(n - c < k ? 1 : c === 0 ? 0 : -Math.expm1(logMissed(n, c, k)));
  },
  output: {
    name: "pass@k",
    quantity: "fraction",
    meaning: "chance that one of k samples is correct",
    range: [0, 1],
  },
  inputs: { ...COUNTS, k: SAMPLES },
  parameters: {},
  rules: [
    wholeNumbers("n", "c", "k"),
    CORRECT_RULE,
    {
      code: "k-above-samples",
      holds: ({ k, n }) => k <= n,
      reason: "k is above the number of samples n: more samples are asked for than there are",
      hint: "draw more samples, or extrapolate with the law pass-at-k-beta",
    },
  ],
  source: "arXiv 2107.03374, eq. 1",
  notes: ["an estimator: nothing is fitted. Average it over problems for a coverage"],
  isCandidate: false,
  examples: ["scalefit predict --law pass-at-k-estimator --at n=100,c=3,k=10"],
});

const BETA: LawDefinition["parameters"] = {
  alpha: {
    meaning: "weight of hard problems: 1 - pass@k falls as k^-alpha",
    bounds: [1e-4, 1e4],
    positive: true,
    start: { between: [0.02, 5], spacing: "log" },
  },
  beta: {
    meaning: "weight of easy problems: the mean success rate is alpha/(alpha + beta)",
    bounds: [1e-4, 1e8],
    positive: true,
    start: { between: [0.1, 1000], spacing: "log" },
  },
};

/**
 * pass@k = 1 - B(alpha, beta + k)/B(alpha, beta): coverage where the problems' chances of success are Beta(alpha, beta)
 * distributed. Each problem fails exponentially in k, and 1 - pass@k falls as k^-alpha all the same, because of the
 * problems that hardly ever succeed.
 *
 * @see arXiv 2502.17578
 */
export const passAtKBeta = defineLaw({
  id: "pass-at-k-beta",
  title: "Coverage from the distribution of success rates over problems (Beta)",
  topic: "tasks and test time",
  formula: "1 - Beta(alpha, beta + k) / Beta(alpha, beta)",
  compute: ({ alpha, beta }, { k }) => negate(expm1(logFailure(alpha, beta, k))),
  output: {
    name: "pass@k",
    quantity: "fraction",
    meaning: "share of problems solved by at least one of k samples",
    reads: ["coverage", "pass_at_k", "pass@k", "solved"],
    range: [0, 1],
  },
  inputs: { k: SAMPLES },
  parameters: BETA,
  source: "arXiv 2502.17578",
  notes: [
    "fit it to the counts of the problems (one row each, --trials and --successes), which forecasts the exponent far better than a line through coverages",
    "problems that no sample can ever solve make coverage end below 1, which a Beta distribution does not know",
  ],
  answers: [
    {
      kind: "inverse",
      name: "k",
      meaning: "the samples that reach this coverage: above alpha/(alpha + beta), below 1",
      given: ["coverage"],
      gives: ["k"],
      solve: samplesFor,
    },
  ],
  objective: "binomial",
  isCandidate: true,
  examples: [
    "scalefit predict --law pass-at-k-beta --coefficients alpha=0.3,beta=5 --at k=1000",
    "scalefit fit examples/repeated-sampling/problems.csv --law pass-at-k-beta --successes correct --trials samples --no-save",
  ],
});

/** Largest power of two to which samples are searched. */
const MOST_DOUBLINGS = 200;

/** The k, not rounded, at which pass@k reaches the coverage: bisection in ln k, to its last bits. */
function samplesFor(
  { alpha, beta }: Readonly<Record<string, number>>,
  { coverage }: Readonly<Record<string, number>>,
): { k: number } | null {
  if (!(coverage < 1 && coverage >= alpha / (alpha + beta))) return null;
  const target = Math.log1p(-coverage);
  const failure = (k: number) => logFailure(constant(alpha), constant(beta), constant(k)).v;
  let [low, high] = [1, 2];
  for (let doubling = 0; failure(high) > target; doubling++) {
    if (doubling === MOST_DOUBLINGS) return null;
    [low, high] = [high, 2 * high];
  }
  for (let step = 0; step < 100; step++) {
    const middle = Math.sqrt(low * high);
    if (middle <= low || middle >= high) break;
    if (failure(middle) > target) low = middle;
    else high = middle;
  }
  return { k: high };
}

/** ln B(alpha, beta + k) - ln B(alpha, beta) = ln E[(1 - p)^k]. */
const logFailure = (alpha: Jet, beta: Jet, k: Jet): Jet =>
  subtract(lnGammaRatio(beta, alpha), lnGammaRatio(add(beta, k), alpha));

/** ln of the number of ways to choose c of n. */
const logChoices = (n: number, c: number): number =>
  lnGammaRatio(constant(c + 1), constant(n - c)).v - lnGammaRatio(constant(1), constant(n - c)).v;

/**
 * -ln P(c | n) = -ln [C(n, c) B(alpha + c, beta + n - c)/B(alpha, beta)]: how surprising c correct samples of n are for
 * a problem whose success rate is Beta(alpha, beta) distributed. Its sum over problems is what the fit of success rates
 * makes least; it is of no use as a law of its own.
 *
 * @see arXiv 2502.17578; J. G. Skellam, J. R. Statist. Soc. B 10, 1948
 */
export const betaBinomial = defineLaw({
  id: "beta-binomial",
  title: "Negative log-likelihood of one problem's count of correct samples",
  topic: "tasks and test time",
  formula: "-ln(C(n, c) * Beta(alpha + c, beta + n - c) / Beta(alpha, beta))",
  compute: ({ alpha, beta }, { n, c }) =>
    subtract(
      add(lnGammaRatio(add(alpha, beta), n), -logChoices(n.v, c.v)),
      add(lnGammaRatio(alpha, c), lnGammaRatio(beta, subtract(n, c))),
    ),
  output: {
    name: "surprise",
    quantity: "scale",
    meaning: "negative log-likelihood of the count",
    reads: ["c", "correct", "successes"],
    range: [0, Number.POSITIVE_INFINITY],
  },
  inputs: { n: { ...COUNTS.n, mayBeConstant: true }, c: COUNTS.c },
  parameters: BETA,
  rules: [wholeNumbers("n", "c"), CORRECT_RULE],
  source: "arXiv 2502.17578; J. G. Skellam, J. R. Statist. Soc. B 10, 1948",
  notes: ["the fit of pass-at-k-beta to counts; take that law for coverages"],
  objective: "law-likelihood",
  isCandidate: false,
  examples: ["scalefit predict --law beta-binomial --coefficients alpha=0.3,beta=5 --at n=100,c=7"],
});
