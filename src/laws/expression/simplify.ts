import { Algebra, readable } from "./algebra.js";
import type { Expression } from "./tree.js";

/**
 * The same formula with numbers folded, 0 and 1 removed, like terms and powers collected. Its value is that of the
 * original up to rounding wherever that is finite; the removable cases, where it gains one, stand in `algebra.ts`.
 *
 *   toText(simplify(parseFormula("0*x + 2*y - y + x^0")))  // "y + 1"
 */
export function simplify(expression: Expression): Expression {
  return readable(new Algebra().normalize(expression));
}
