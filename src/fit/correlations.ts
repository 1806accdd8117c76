import type { Correlations, FitMemory } from "../objects.js";

/** Correlations of the estimates, V_rs / sqrt(V_rr V_ss); null where one of the two does not vary. */
export function correlationsOf(covariance: FitMemory["covariance"]): Correlations | null {
  if (covariance === null) return null;
  const { parameters, values: V } = covariance;
  const values = parameters.map((_, r) =>
    parameters.map((_, s) => {
      const size = Math.sqrt(V[r][r] * V[s][s]);
      if (!(size > 0)) return null;
      return r === s ? 1 : Math.max(-1, Math.min(1, V[r][s] / size));
    }),
  );
  return { parameters: [...parameters], values };
}
