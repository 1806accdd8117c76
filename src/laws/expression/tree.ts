/**
 * The tree of a formula. Nodes are plain immutable values; a subtree may be shared by several parents, so
 * derivatives are graphs that read as trees. Sums and products hold all their operands side by side: a formula of
 * a thousand terms is one node wide, not a thousand deep.
 */
import type { FunctionName } from "./functions.js";

/** A node of a formula; the union is closed. */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "constant"; readonly name: "pi" }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "negate"; readonly of: Expression }
  /** Added from left to right; a difference is a sum with a negated term. At least two terms. */
  | { readonly kind: "sum"; readonly terms: readonly Expression[] }
  /** Multiplied from left to right. At least two factors. */
  | { readonly kind: "product"; readonly factors: readonly Expression[] }
  | { readonly kind: "quotient"; readonly numerator: Expression; readonly denominator: Expression }
  | { readonly kind: "power"; readonly base: Expression; readonly exponent: Expression }
  | { readonly kind: "call"; readonly fn: FunctionName; readonly args: readonly Expression[] };

export const number = (value: number): Expression => ({ kind: "number", value });
export const pi: Expression = { kind: "constant", name: "pi" };
export const name = (text: string): Expression => ({ kind: "name", name: text });
export const negate = (of: Expression): Expression => ({ kind: "negate", of });
export const sum = (terms: readonly Expression[]): Expression => ({ kind: "sum", terms });
export const product = (factors: readonly Expression[]): Expression => ({ kind: "product", factors });
export const quotient = (numerator: Expression, denominator: Expression): Expression => ({
  kind: "quotient",
  numerator,
  denominator,
});
export const power = (base: Expression, exponent: Expression): Expression => ({
  kind: "power",
  base,
  exponent,
});
export const call = (fn: FunctionName, args: readonly Expression[]): Expression => ({
  kind: "call",
  fn,
  args,
});

/** The operands of a node, left to right. */
export function operandsOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case "number":
    case "constant":
    case "name":
      return [];
    case "negate":
      return [node.of];
    case "sum":
      return node.terms;
    case "product":
      return node.factors;
    case "quotient":
      return [node.numerator, node.denominator];
    case "power":
      return [node.base, node.exponent];
    case "call":
      return node.args;
  }
}

/** The same kind of node over other operands (as many as `operandsOf` gave). */
export function withOperands(node: Expression, operands: readonly Expression[]): Expression {
  const [first, second] = operands;
  switch (node.kind) {
    case "number":
    case "constant":
    case "name":
      return node;
    case "negate":
      return negate(first);
    case "sum":
      return sum(operands);
    case "product":
      return product(operands);
    case "quotient":
      return quotient(first, second);
    case "power":
      return power(first, second);
    case "call":
      return call(node.fn, operands);
  }
}

/** Rebuilds a tree from the leaves up, each shared subtree once. */
export function mapTree(root: Expression, change: (node: Expression) => Expression): Expression {
  const done = new Map<Expression, Expression>();
  const visit = (node: Expression): Expression => {
    const known = done.get(node);
    if (known) return known;
    const operands = operandsOf(node);
    const changed = operands.map(visit);
    const isSame = changed.every((operand, i) => operand === operands[i]);
    const result = change(isSame ? node : withOperands(node, changed));
    done.set(node, result);
    return result;
  };
  return visit(root);
}

/**
 * The names of a formula in order of first appearance (`pi` and functions are not names).
 *
 *   namesOf(parseFormula("E + A / N^alpha"))  // ["E", "A", "N", "alpha"]
 */
export function namesOf(root: Expression): string[] {
  const names = new Set<string>();
  const seen = new Set<Expression>();
  const visit = (node: Expression): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === "name") names.add(node.name);
    operandsOf(node).forEach(visit);
  };
  visit(root);
  return [...names];
}

/**
 * Puts expressions in the place of names, all at once: a fixed value, a tie, another letter for a column. Names
 * that are not in the map stay.
 *
 *   toText(substitute(parseFormula("A / N^alpha"), new Map([["alpha", parseFormula("2 * beta")]])))  // "A/N^(2*beta)"
 */
export function substitute(root: Expression, by: ReadonlyMap<string, Expression>): Expression {
  return mapTree(root, (node) => (node.kind === "name" ? (by.get(node.name) ?? node) : node));
}
