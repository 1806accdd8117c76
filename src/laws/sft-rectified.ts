import { type Alias, defineLaw } from "./law.js";

const underscored: Alias = (given) => {
  const value = given.get("D_l");
  return value === undefined ? null : { uses: ["D_l"], name: "Dl", value };
};

const FLAN = "D = fine-tuning examples of FLAN, 200 to 819,200; test loss in nats per token";

/**
 * L(D) = B/(Dl + D^beta) + E: fine-tuning loss with the phase before the power law, in which the model still lives off
 * what pre-training taught it (Dl, in units of D^beta). Dl = 0 is `power-floor`.
 *
 * @see arXiv 2402.02314
 */
export const sftRectified = defineLaw({
  id: "sft-rectified",
  title: "Fine-tuning loss with pre-learned data (rectified law)",
  topic: "data",
  formula: "B / (Dl + D^beta) + E",
  output: { name: "L", quantity: "loss", meaning: "test loss after fine-tuning" },
  inputs: {
    D: {
      quantity: "count",
      unit: "examples",
      meaning: "fine-tuning examples (or tokens)",
      reads: ["D", "samples"],
    },
  },
  parameters: {
    B: { meaning: "amplitude", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    Dl: {
      meaning: "pre-learned data, in units of D^beta",
      bounds: [0, Number.POSITIVE_INFINITY],
      neutral: 0,
      start: { between: [0.1, 1e5], spacing: "log" },
    },
    beta: { meaning: "exponent", bounds: [0.01, 4], start: { between: [0.1, 1.2], spacing: "even" } },
    E: {
      meaning: "loss at unlimited data",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      neutral: 0,
    },
  },
  presets: [
    {
      name: "sft-lamini-gpt-124m",
      values: { E: 1.0075142, B: 525.606402, Dl: 151.383167, beta: 0.444410303 },
      source: "a refit of the data of arXiv 2402.02314",
      conventions: `LaMini-GPT 124M; ${FLAN}`,
      range: { D: [200, 819_200] },
    },
    {
      name: "sft-cerebras-1.3b",
      values: { E: 1.11161855, B: 30.75937361, Dl: 14.59351207, beta: 0.25157949 },
      source: "a refit of the data of arXiv 2402.02314",
      conventions: `Cerebras-GPT 1.3B; ${FLAN}`,
      range: { D: [200, 819_200] },
    },
  ],
  source: "arXiv 2402.02314",
  notes: [
    "for choosing the model to fine-tune from a few small data sizes",
    "the floor is often not determined: it goes to 0 for some models",
  ],
  aliases: [underscored],
  answers: [
    {
      kind: "inverse",
      name: "D",
      meaning: "the examples that reach a loss",
      given: ["L"],
      gives: ["D"],
      solve({ B, Dl, beta, E }, { L }) {
        const power = B / (L - E) - Dl;
        return L > E && power > 0 ? { D: power ** (1 / beta) } : null;
      },
    },
  ],
  examples: [
    "scalefit predict --preset sft-lamini-gpt-124m --at D=102400",
    "scalefit predict --preset sft-lamini-gpt-124m --solve D --at L=2.5",
  ],
});
