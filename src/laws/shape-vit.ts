import { defineLaw } from "./law.js";

/**
 * Loss of a vision transformer from one of its shape's dimensions x (width, depth, MLP size) and the compute t:
 *
 *   f(x, t) = alpha x^-a + (beta x^b + xi) t^-c + eps
 *
 * Too small an x is a bottleneck, too large a one wastes compute: x*(t) = (alpha a t^c / (beta b))^(1/(a + b)).
 *
 * @see arXiv 2305.13035
 */
export const shapeVit = defineLaw({
  id: "shape-vit",
  title: "Loss from one dimension of a shape and compute (SoViT, Alabdulmohsin et al.)",
  topic: "architecture",
  formula: "alpha / x^a + (beta * x^b + xi) / t_gflops^c + eps",
  output: {
    name: "f",
    quantity: "loss",
    meaning: "loss or error rate, lower is better",
    reads: ["loss", "error"],
  },
  inputs: {
    x: {
      quantity: "scale",
      unit: "units",
      meaning: "the dimension that varies: width, depth or MLP size",
      reads: ["x", "width", "depth"],
    },
    t_gflops: {
      quantity: "scale",
      unit: "GFLOPs",
      meaning: "training compute in 1e9 FLOPs",
      aliases: [{ name: "C", factor: 1e-9 }],
    },
  },
  parameters: {
    alpha: { meaning: "amplitude of the bottleneck", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    a: {
      meaning: "exponent of the bottleneck",
      bounds: [0.01, 4],
      start: { between: [0.1, 2], spacing: "log" },
    },
    beta: {
      meaning: "what a larger x costs at the same compute",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
    },
    b: { meaning: "exponent of that cost", bounds: [0.01, 4], start: { between: [0.1, 2], spacing: "log" } },
    xi: { meaning: "amplitude of the compute term", bounds: [0, Number.POSITIVE_INFINITY], neutral: 0 },
    c: {
      meaning: "exponent of the compute",
      bounds: [0.01, 4],
      start: { between: [0.05, 1.5], spacing: "log" },
    },
    eps: { meaning: "floor", bounds: [0, Number.POSITIVE_INFINITY], neutral: 0 },
  },
  source: "arXiv 2305.13035",
  notes: [
    "one fit for each dimension, the others held; no published coefficients are shipped: the paper gives the exponents of x* alone",
  ],
  answers: [
    {
      kind: "optimum",
      name: "optimum",
      meaning: "the dimension with the least loss at a given compute",
      given: ["t_gflops"],
      gives: ["x", "loss"],
      solve(c, { t_gflops: t }) {
        const x = ((c.alpha * c.a * t ** c.c) / (c.beta * c.b)) ** (1 / (c.a + c.b));
        if (!(x > 0 && Number.isFinite(x))) return null;
        return { x, loss: c.alpha / x ** c.a + (c.beta * x ** c.b + c.xi) / t ** c.c + c.eps };
      },
    },
  ],
  examples: [
    "scalefit predict --law shape-vit --coefficients alpha=2,a=0.5,beta=0.01,b=0.9,xi=3,c=0.4,eps=0.1 --at x=108,t_gflops=100",
  ],
});
