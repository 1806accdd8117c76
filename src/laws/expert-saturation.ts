import type { Coefficients } from "./law.js";

/**
 * The saturated number of experts of arXiv 2202.01169, eq. 1, as formula text: E_start for a dense model, E where it
 * helps, never above E_max.
 *
 *   1/Eh = 1/(E - 1 + 1/(1/E_start - 1/E_max)) + 1/E_max
 */
export const SATURATED_EXPERTS = "1 / (1 / (experts - 1 + 1 / (1 / E_start - 1 / E_max)) + 1 / E_max)";

/** The same as a number. */
export function saturatedExperts({ E_start, E_max }: Coefficients, experts: number): number {
  return 1 / (1 / (experts - 1 + 1 / (1 / E_start - 1 / E_max)) + 1 / E_max);
}
