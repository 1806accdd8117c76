import { bestMixtureAnswer } from "./best-mixture.js";
import { type Alias, defineFamily, type LawAnswer, type LawDefinition } from "./law.js";
import { domains, MIXTURE_FAMILY, perDomain, shareInputs, shareNames } from "./mixture.js";

/** The published log_c and log_k. */
export const logarithmOf =
  (name: string): Alias =>
  (given) => {
    const log = given.get(`log_${name}`);
    return log === undefined ? null : { uses: [`log_${name}`], name, value: Math.exp(log) };
  };

/** Of two domains: the share of the first at which the law gives a loss, the "critical proportion" of more training. */
const shareForLoss: LawAnswer = {
  kind: "inverse",
  name: "r1",
  meaning: "share of the first of two domains at which the loss is L",
  given: ["L"],
  gives: ["r1", "r2"],
  solve({ c, k, t1, t2 }, { L }) {
    const r1 = (Math.log((L - c) / k) - t2) / (t1 - t2);
    return r1 >= 0 && r1 <= 1 ? { r1, r2: 1 - r1 } : null;
  },
};

const define = (M: number): LawDefinition => ({
  id: "mixture-exp",
  title: "Loss from the mixture of training data, exponential (data mixing law)",
  topic: "data",
  formula: `c + k * exp(${domains(M)
    .map((j) => `t${j} * r${j}`)
    .join(" + ")})`,
  shown: "c + k exp(SUM_j t_j r_j)",
  output: { name: "L", quantity: "loss", meaning: "validation loss of one domain or set" },
  inputs: shareInputs(M),
  parameters: {
    c: { meaning: "floor, in the unit of the loss", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    k: {
      meaning: "factor of what is above the floor; a fit holds it at 1, for the t can take it over",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      neutral: 1,
      held: 1,
    },
    ...perDomain("t", M, (j) => ({
      meaning: `log of what domain ${j} alone would leave above the floor, over k`,
      bounds: [-1000, 50],
    })),
  },
  aliases: [logarithmOf("c"), logarithmOf("k")],
  presets:
    M === 5
      ? [
          {
            name: "pile5-academic-70M-30k",
            values: { log_c: 0.975, log_k: -2.1391, t: [-10.0864, 2.714, 2.7106, 2.6083, 1.5866] },
            source: "arXiv 2403.16952, mix_5_domains.ipynb of its repository",
            conventions: PILE5("academic"),
          },
          {
            name: "pile5-internet-70M-30k",
            values: { log_c: 1.2402, log_k: -1.951, t: [1.1897, 0.8697, -0.5184, 1.7122, -3.087] },
            source: "arXiv 2403.16952, mix_5_domains.ipynb of its repository",
            conventions: PILE5("internet"),
          },
        ]
      : [],
  source: "arXiv 2403.16952",
  notes: [
    "shares add up to 1, so that one number added to all t and taken from ln k changes nothing: compare predictions, not parameters",
    "mixtures without any of the validation's own domain lie far above the others and decide a fit by squares",
    "the least of one domain's loss is all of one domain as far as caps allow; losses of several domains are weighed against each other: fit all of them (--y loss_web,loss_code or --group-by), then plan, with --weights",
  ],
  answers: [
    bestMixtureAnswer(M, () => mixtureExp.family?.of(M) ?? mixtureExp),
    ...(M === 2 ? [shareForLoss] : []),
  ],
  starts: {
    // From anywhere near, nearly all starts lead to the one minimum.
    sample: (uniform, { L }) => ({
      c: 0,
      ...Object.fromEntries(domains(M).map((j) => [`t${j}`, Math.log(L) - 2.5 + 3 * uniform()])),
    }),
    drawn: 48,
    kept: 12,
  },
  simplex: shareNames(M),
  route: 60,
  examples: [
    'scalefit predict --preset pile5-academic-70M-30k --at "r=[0.2,0.2,0.2,0.2,0.2]"',
    'scalefit predict --law mixture-exp --coefficients "c=2.9,t=[-0.6,-7.6,-2]" --at "r=[0.2,0.3,0.5]"',
    'scalefit plan --law mixture-exp --coefficients "c=2.9,t=[-0.6,-7.6,-2]" --at "cap=[1,0.4,1]"',
  ],
});

const PILE5 = (domain: string): string =>
  `Pile, 70M parameters, 30,000 steps, validation loss of ${domain}; r1 to r5: academic, prose, dialogue, symbolic, internet`;

/**
 * L(r) = c + k exp(SUM_j t_j r_j): the loss of one validation domain from the shares of the training domains.
 *
 * @see arXiv 2403.16952
 */
export const mixtureExp = defineFamily({ ...MIXTURE_FAMILY, lists: ["r", "t", "cap"], define });
