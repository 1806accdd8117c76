import { defineLaw } from "./law.js";
import { MEASURED_COST } from "./measured-cost.js";

/**
 * Time of a computation that is bound by arithmetic or by memory, whichever takes longer, and a fixed overhead:
 *
 *   y = max(work/peak, bytes/bandwidth) + overhead
 *
 * Above peak/bandwidth operations a byte (the ridge) arithmetic is the bound. The same holds for energy with joules for
 * seconds, operations a joule for peak, and bytes a joule for bandwidth.
 *
 * @see Williams, Waterman and Patterson, Communications of the ACM 52 (4), 2009
 */
export const roofline = defineLaw({
  id: "roofline",
  title: "Time from arithmetic and memory traffic (roofline)",
  topic: "costs",
  formula: "max(work / peak, bytes / bandwidth) + overhead",
  output: MEASURED_COST,
  inputs: {
    work: {
      quantity: "flops",
      unit: "FLOPs",
      meaning: "arithmetic operations",
      reads: ["work", "C"],
      zero: true,
    },
    bytes: { quantity: "scale", unit: "bytes", meaning: "bytes moved to and from memory", zero: true },
  },
  parameters: {
    peak: {
      meaning: "operations a second that are reached",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      start: { between: [1e6, 1e18], spacing: "log" },
    },
    bandwidth: {
      meaning: "bytes a second that are reached",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      start: { between: [1e5, 1e15], spacing: "log" },
    },
    overhead: { meaning: "fixed time of a call", bounds: [0, Number.POSITIVE_INFINITY], neutral: 0 },
  },
  source: "Williams, Waterman and Patterson, CACM 52 (4), 2009",
  notes: [
    "rows on both sides of the ridge are needed: of rows that memory binds, peak is only known to be at least so large",
    "peak and bandwidth are what is reached, not what the data sheet says; sparsity doubles the figures of data sheets",
  ],
  answers: [
    {
      kind: "inverse",
      name: "ridge",
      meaning: "operations a byte above which arithmetic is the bound",
      given: [],
      gives: ["ridge"],
      solve: ({ peak, bandwidth }) => ({ ridge: peak / bandwidth }),
    },
  ],
  examples: [
    "scalefit predict --law roofline --coefficients peak=6e14,bandwidth=2.5e12,overhead=5e-6 --at work=1e12,bytes=3e9",
  ],
});
