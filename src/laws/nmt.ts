import { type Alias, defineLaw } from "./law.js";

/** The paper's amplitude, taken at reference sizes: alpha (Ne0/N_e)^pe (Nd0/N_d)^pd. */
const atReference: Alias = (given) => {
  const [alpha, Ne0, Nd0, pe, pd] = ["alpha", "Ne0", "Nd0", "pe", "pd"].map((name) => given.get(name));
  if (alpha === undefined || Ne0 === undefined || Nd0 === undefined) return null;
  if (pe === undefined || pd === undefined) return null;
  return { uses: ["alpha", "Ne0", "Nd0"], name: "A", value: alpha * Ne0 ** pe * Nd0 ** pd };
};

/**
 * Loss of an encoder-decoder translation model from the sizes of both halves:
 *
 *   L(N_e, N_d) = A / (N_e^pe N_d^pd) + Linf
 *
 * The paper writes the amplitude at a base model of Ne0 and Nd0 parameters, A = alpha Ne0^pe Nd0^pd; these three cannot
 * be told apart by any data. Of a total of T parameters the best split is N_e = T pe/(pe + pd).
 *
 * @see arXiv 2109.07740
 */
export const nmt = defineLaw({
  id: "nmt",
  title: "Loss of translation models from encoder and decoder size (Ghorbani et al.)",
  topic: "pre-training",
  formula: "A / (N_e^pe * N_d^pd) + Linf",
  output: { name: "L", quantity: "loss", meaning: "test loss" },
  inputs: {
    N_e: { quantity: "params", unit: "parameters", meaning: "encoder size without embeddings" },
    N_d: { quantity: "params", unit: "parameters", meaning: "decoder size without embeddings" },
  },
  parameters: {
    A: { meaning: "amplitude", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    pe: {
      meaning: "exponent of the encoder's size",
      bounds: [0, 4],
      start: { between: [0.02, 0.8], spacing: "log" },
    },
    pd: {
      meaning: "exponent of the decoder's size",
      bounds: [0, 4],
      start: { between: [0.02, 0.8], spacing: "log" },
    },
    Linf: {
      meaning: "floor, in the unit of the loss",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      neutral: 0,
    },
  },
  source: "arXiv 2109.07740",
  notes: [
    "test sets whose source side is natural and those whose target side is behave differently: fit each by itself",
  ],
  aliases: [atReference],
  answers: [
    {
      kind: "optimum",
      name: "optimum",
      meaning: "the split of a total number of parameters with the least loss",
      given: ["total"],
      gives: ["N_e", "N_d", "loss"],
      solve({ A, pe, pd, Linf }, { total }) {
        if (!(pe > 0 && pd > 0)) return null;
        const [N_e, N_d] = [(total * pe) / (pe + pd), (total * pd) / (pe + pd)];
        return { N_e, N_d, loss: A / (N_e ** pe * N_d ** pd) + Linf };
      },
    },
  ],
  examples: [
    "scalefit predict --law nmt --coefficients A=8600,pe=0.18,pd=0.31,Linf=1.3 --at N_e=120M,N_d=140M",
  ],
});
