/** Measured throughputs: tokens a second of one accelerator, at the sizes at which they were measured. */

export interface Throughput {
  params: number;
  tokensPerSecond: number;
}

/**
 * The throughput of a size: as measured at it, or on the line between its neighbours, in logarithms. Beyond the sizes measured that
 * of the nearest one, whose FLOPs a second then hold.
 *
 * @param measured one or more, from the smallest size up
 */
export function throughputAt(measured: readonly Throughput[], params: number): Throughput {
  const above = measured.findIndex((one) => one.params >= params);
  if (above === -1) return measured[measured.length - 1];
  const high = measured[above];
  const low = measured[above - 1];
  if (low === undefined || high.params === params) return high;
  const share = Math.log(params / low.params) / Math.log(high.params / low.params);
  return { params, tokensPerSecond: low.tokensPerSecond ** (1 - share) * high.tokensPerSecond ** share };
}

/** How fast throughput falls with size from each size on to the next, in logarithms; beyond the last one as 1 / N. */
export const slopesOf = (measured: readonly Throughput[]): number[] =>
  measured.map((one, i) => {
    const next = measured[i + 1];
    return next === undefined
      ? 1
      : -Math.log(next.tokensPerSecond / one.tokensPerSecond) / Math.log(next.params / one.params);
  });

/** From the smallest size up. */
export const bySize = (measured: readonly Throughput[]): Throughput[] =>
  [...measured].sort((a, b) => a.params - b.params);
