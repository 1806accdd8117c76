/**
 * How to scale a residual network by how long it is trained: rules, no formula.
 *
 * @see arXiv 2103.07579 (ResNet-RS)
 */
import type { CnnScalings } from "../objects.js";

const SOURCE = "arXiv 2103.07579 (ResNet-RS)";
const STATUS =
  "depth against width and slow resolution are in the paper's abstract; the numbers of epochs are from memory, not checked against its tables";

/** Epochs of ImageNet in the paper's long and short regimes. */
const LONG = 350;
const SHORT = 100;

const DEPTH = `scale depth where the network can overfit: long training, about ${LONG} epochs`;
const WIDTH = `scale width where it cannot: short training, ${SHORT} epochs or fewer`;
const ALWAYS = [
  "scale resolution more slowly than EfficientNet's rule does",
  "raise the regularisation with the size of the network",
];

/** @param epochs of training; null: the rules of every regime */
export function resnetRules(epochs: number | null): CnnScalings["advice"] {
  return { rules: [...regime(epochs), ...ALWAYS], status: STATUS, source: SOURCE };
}

function regime(epochs: number | null): string[] {
  if (epochs === null) return [DEPTH, WIDTH];
  const given = `for ${epochs} epochs: `;
  if (epochs >= LONG) return [given + DEPTH];
  if (epochs <= SHORT) return [given + WIDTH];
  return [
    `${given}between the paper's regimes, ${SHORT} and ${LONG}: depth if validation falls behind training, width if not`,
  ];
}
