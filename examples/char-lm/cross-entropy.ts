/**
 * Sum over rows of -log softmax(logits)[target], in nats. Each row of `logits` is overwritten with its
 * gradient times `weight`: weight * (softmax - one-hot target).
 */
export function crossEntropy(
  logits: Float64Array,
  targets: Uint8Array,
  classes: number,
  weight: number,
): number {
  let total = 0;
  for (let row = 0, at = 0; row < targets.length; row++, at += classes) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) if (logits[at + c]! > largest) largest = logits[at + c]!;
    const wanted = logits[at + targets[row]!]! - largest;
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const value = Math.exp(logits[at + c]! - largest);
      logits[at + c] = value;
      sum += value;
    }
    total += Math.log(sum) - wanted;
    const scale = weight / sum;
    for (let c = 0; c < classes; c++) logits[at + c]! *= scale;
    logits[at + targets[row]!]! -= weight;
  }
  return total;
}
