const outer = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

/**
 * GELU in its tanh form: y = x/2 (1 + tanh(u)) = x sigmoid(2u), with u = sqrt(2/pi) (x + 0.044715 x^3).
 * `gate` receives sigmoid(2u), which the backward pass needs.
 */
export function gelu(x: Float64Array, out: Float64Array, gate: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    const sigmoid = 1 / (1 + Math.exp(-2 * outer * value * (1 + cubic * value * value)));
    gate[i] = sigmoid;
    out[i] = value * sigmoid;
  }
}

/** Turns the gradient of the output into that of the input, in place: dy/dx = s + x s (1 - s) d(2u)/dx. */
export function geluBackward(gradient: Float64Array, x: Float64Array, gate: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    const sigmoid = gate[i]!;
    const slope = 2 * outer * (1 + 3 * cubic * value * value);
    gradient[i]! *= sigmoid + value * sigmoid * (1 - sigmoid) * slope;
  }
}
