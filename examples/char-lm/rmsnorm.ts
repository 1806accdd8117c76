/** Keeps the division defined for a vector of zeros. */
const epsilon = 1e-6;

/**
 * Root-mean-square normalisation of each row: `out = gain * x / rms(x)`, with rms(x) = sqrt(mean(x^2)).
 * `inverse` receives 1 / rms of each row, which the backward pass needs.
 */
export function rmsNorm(
  x: Float64Array,
  gain: Float64Array,
  out: Float64Array,
  inverse: Float64Array,
  width: number,
): void {
  for (let row = 0, at = 0; row < inverse.length; row++, at += width) {
    let squares = 0;
    for (let c = 0; c < width; c++) squares += x[at + c]! * x[at + c]!;
    const scale = 1 / Math.sqrt(squares / width + epsilon);
    inverse[row] = scale;
    for (let c = 0; c < width; c++) out[at + c] = gain[c]! * x[at + c]! * scale;
  }
}

/**
 * Adds the gradients of `rmsNorm` to `dX` and `dGain`. With s = 1 / rms and g = gain * dOut:
 * dX = s * (g - x * s^2 * mean(g * x)) and dGain = sum over rows of dOut * x * s.
 */
export function rmsNormBackward(
  dOut: Float64Array,
  x: Float64Array,
  gain: Float64Array,
  inverse: Float64Array,
  dX: Float64Array,
  dGain: Float64Array,
  width: number,
): void {
  for (let row = 0, at = 0; row < inverse.length; row++, at += width) {
    const scale = inverse[row]!;
    let dot = 0;
    for (let c = 0; c < width; c++) {
      const product = dOut[at + c]! * x[at + c]!;
      dot += gain[c]! * product;
      dGain[c]! += product * scale;
    }
    const shrink = (scale * scale * dot) / width;
    for (let c = 0; c < width; c++) {
      dX[at + c]! += scale * (gain[c]! * dOut[at + c]! - shrink * x[at + c]!);
    }
  }
}
