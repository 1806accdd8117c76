import { type Coefficients, defineChain, type LawDefinition, type Point } from "./law.js";
import { leastAt } from "./least.js";

const POSITIVE = [0, Number.POSITIVE_INFINITY] as const;

const STUDENT: LawDefinition["inputs"] = {
  N_S: {
    quantity: "params",
    unit: "parameters",
    meaning: "size of the student, without embeddings",
    reads: ["N_S", "N"],
  },
  D_S: {
    quantity: "tokens",
    unit: "tokens",
    meaning: "tokens the student is distilled on",
    reads: ["D_S", "D"],
  },
};

const amplitude = (meaning: string) => ({ meaning, bounds: POSITIVE, positive: true });
const exponent = (meaning: string) => ({ meaning, bounds: [0.01, 4] as const });

/** L_sup = E_s + (A_s/N^alpha_s + B_s/D^beta_s)^gamma_s: the student trained without a teacher. */
const supervised: LawDefinition = {
  id: "distillation-supervised",
  title: "Loss of the student trained without a teacher",
  topic: "architecture",
  formula: "Es + (As / N_S^alphas + Bs / D_S^betas)^gammas",
  output: {
    name: "L_sup",
    quantity: "loss",
    meaning: "loss of the same student trained without a teacher",
    reads: ["L_sup", "supervised_loss"],
  },
  inputs: STUDENT,
  parameters: {
    Es: { meaning: "irreducible loss", bounds: POSITIVE, positive: true, neutral: 0 },
    As: amplitude("amplitude of the size term, without a teacher"),
    alphas: exponent("exponent of the size term, without a teacher"),
    Bs: amplitude("amplitude of the data term, without a teacher"),
    betas: exponent("exponent of the data term, without a teacher"),
    gammas: {
      meaning: "exponent of both terms together, without a teacher",
      bounds: [0.05, 4],
      neutral: 1,
      start: { between: [0.3, 1.5], spacing: "log" },
    },
  },
  source: "arXiv 2502.08606",
};

/** ln(L_T/(L_sup d_1))/f_1, and ln(1 + e^z) without overflow: the power of a power in eq. 8 runs over all magnitudes. */
const Z = "(log(L_T / (L_sup * d1)) / f1)";
const SOFTPLUS = `(max(${Z}, 0) + log1p(exp(-abs(${Z}))))`;

/** L_S = L_T + L_T^-c0 (1 + (L_T/(L_sup d1))^(1/f1))^(-c1 f1) (A/N^alpha + B/D^beta)^gamma. */
const distilled: LawDefinition = {
  id: "distillation-student",
  title: "Loss of the distilled student",
  topic: "architecture",
  formula: `L_T + L_T^(-c0) * exp(-c1 * f1 * ${SOFTPLUS}) * (A / N_S^alpha + B / D_S^beta)^gamma`,
  shown: "L_T + L_T^(-c0) (1 + (L_T/(L_sup d1))^(1/f1))^(-c1 f1) (A/N_S^alpha + B/D_S^beta)^gamma",
  output: {
    name: "L",
    quantity: "loss",
    meaning: "loss of the student distilled from the teacher",
    reads: ["L_S", "loss"],
  },
  inputs: {
    ...STUDENT,
    L_T: {
      quantity: "loss",
      unit: "nats per token",
      meaning: "loss of the teacher",
      reads: ["L_T", "teacher_loss"],
    },
    L_sup: {
      quantity: "loss",
      unit: "nats per token",
      meaning: "loss of the same student trained without a teacher",
    },
  },
  parameters: {
    A: amplitude("amplitude of the size term"),
    alpha: exponent("exponent of the size term"),
    B: amplitude("amplitude of the data term"),
    beta: exponent("exponent of the data term"),
    gamma: {
      meaning: "exponent of both terms together",
      bounds: [0.05, 4],
      neutral: 1,
      start: { between: [0.3, 1.5], spacing: "log" },
    },
    c0: {
      meaning: "exponent of the teacher's loss where the student can follow it",
      bounds: [0, 50],
      start: { between: [0.1, 10], spacing: "log" },
    },
    c1: {
      meaning: "change of that exponent where the teacher is far ahead",
      bounds: [0, 200],
      start: { between: [0.3, 30], spacing: "log" },
    },
    d1: {
      meaning: "ratio of the two losses at which that begins",
      bounds: [1e-2, 100],
      positive: true,
      start: { between: [0.5, 2], spacing: "log" },
    },
    f1: {
      meaning: "width of the change",
      bounds: [1e-3, 10],
      positive: true,
      start: { between: [0.01, 1], spacing: "log" },
    },
  },
  source: "arXiv 2502.08606, eq. 8",
};

/** The loss of the student and its slope in the teacher's loss. */
function student(c: Coefficients, { N_S, D_S }: Point) {
  const alone = c.Es + (c.As / N_S ** c.alphas + c.Bs / D_S ** c.betas) ** c.gammas;
  const terms = (c.A / N_S ** c.alpha + c.B / D_S ** c.beta) ** c.gamma;
  const parts = (L_T: number) => {
    const z = Math.log(L_T / (alone * c.d1)) / c.f1;
    const softplus = Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    return {
      excess: L_T ** -c.c0 * Math.exp(-c.c1 * c.f1 * softplus) * terms,
      share: 1 / (1 + Math.exp(-z)),
    };
  };
  return {
    alone,
    loss: (L_T: number) => L_T + parts(L_T).excess,
    slope(L_T: number) {
      const { excess, share } = parts(L_T);
      return 1 - (excess * (c.c0 + c.c1 * share)) / L_T;
    },
  };
}

/**
 * A student distilled from a teacher, in two stages: the same student without a teacher, then
 *
 *   L_S = L_T + L_T^-c0 (1 + (L_T/(L_sup d1))^(1/f1))^(-c1 f1) (A/N_S^alpha + B/D_S^beta)^gamma
 *
 * @see arXiv 2502.08606, eq. 8 (read in a secondary transcription)
 */
export const distillation = defineChain({
  id: "distillation",
  title: "Loss of a distilled student from its size, its tokens and the teacher's loss",
  topic: "architecture",
  stages: [supervised, distilled],
  source: "arXiv 2502.08606, eq. 8 (read in a secondary transcription)",
  notes: [
    "two fits: runs without a teacher (L_sup) first, then the distilled ones",
    "a better teacher can make a worse student (the capacity gap): --solve L_T gives the teacher that is best for a student",
    "compute is 3 F(N_S) D_S for the student plus F(N_T) D_S for the teacher's logits, plus 3 F(N_T) D_T if the teacher must be trained; F is the forward pass per token",
  ],
  answers: [
    {
      kind: "inverse",
      name: "L_T",
      meaning:
        "loss of the teacher from which the student learns best, between a tenth and ten times the student's own",
      given: ["N_S", "D_S"],
      gives: ["L_T", "loss"],
      solve(c, given) {
        const { alone, loss, slope } = student(c, given);
        const at = leastAt(
          (x) => loss(Math.exp(x)),
          (x) => slope(Math.exp(x)),
          Math.log(alone / 10),
          Math.log(10 * alone),
          400,
        );
        return at === null ? null : { L_T: Math.exp(at), loss: loss(Math.exp(at)) };
      },
    },
  ],
  examples: [
    "scalefit predict --law distillation --coefficients Es=1.8,As=500,alphas=0.35,Bs=2000,betas=0.37,gammas=0.9,A=500,alpha=0.35,B=2000,beta=0.37,gamma=0.9,c0=2,c1=5,d1=1.2,f1=0.1 --at N_S=1e9,D_S=20e9,L_T=2.3",
  ],
});
