import type { LawOutput } from "./law.js";

/** What the laws of costs predict: anything that was measured and cannot be below 0. */
export const MEASURED_COST: LawOutput = {
  name: "y",
  quantity: "scale",
  meaning: "measured cost: seconds, joules, bytes, dollars",
  reads: ["y", "cost", "seconds", "time", "runtime", "latency", "joules", "energy", "memory", "usd"],
  range: [0, Number.POSITIVE_INFINITY],
};
