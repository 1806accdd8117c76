/** Weights by which a growth of FLOPs is shared between depth, width and resolution. */
export interface CompoundWeights {
  depth: number;
  width: number;
  resolution: number;
}

/** Factors of a convolutional network and of what it takes. */
export interface CompoundFactors extends CompoundWeights {
  flops: number;
  params: number;
  /** A proxy of the run time where memory bounds it. */
  activations: number;
}

/**
 * Compound scaling of a convolutional network by a factor s of FLOPs: with t the sum of the weights e,
 *
 *   depth s^(e_d/t), width s^(e_w/(2 t)), resolution s^(e_r/(2 t)),
 *   flops d w^2 r^2 = s, params d w^2, activations d w r^2
 *
 * Uniform weights are EfficientNet's way; 0.1, 0.8, 0.1 the fast one, whose activations grow as s^0.6.
 *
 * @see arXiv 2103.06877
 */
export function compoundScaling(weights: CompoundWeights, s: number): CompoundFactors {
  const total = weights.depth + weights.width + weights.resolution;
  const depth = s ** (weights.depth / total);
  const width = s ** (weights.width / (2 * total));
  const resolution = s ** (weights.resolution / (2 * total));
  return {
    depth,
    width,
    resolution,
    flops: depth * width ** 2 * resolution ** 2,
    params: depth * width ** 2,
    activations: depth * width * resolution ** 2,
  };
}
