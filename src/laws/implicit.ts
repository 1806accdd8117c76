/**
 * Laws given by an equation: an unknown w is the root of F(w) = 0, and the law's value is a function of it. The root is
 * found in plain numbers; its derivatives follow from those of F.
 */
import type { Expression } from "./expression/index.js";
import { constant, implicit, type Jet, variable } from "./jet.js";
import { overJets } from "./jet-expression.js";
import type { Coefficients, Compute, Point } from "./law.js";

export interface ImplicitForm {
  /** The unknown's name in both formulas. */
  unknown: string;
  /** F over inputs, parameters and the unknown. */
  equation: Expression;
  /** The law's value over the same. */
  value: Expression;
  /**
   * The root at each point, to rounding; infinite where the unknown has no end: the value is then its limit. What depends on
   * the coefficients alone is worked out once.
   */
  roots(c: Coefficients): (at: Point) => number;
}

/** The law's value over jets. */
export function implicitCompute({ unknown, equation, value, roots }: ImplicitForm): Compute {
  return (c, at) => {
    const known = new Map(Object.entries({ ...at, ...c }));
    const w = rootOf(equation, unknown, known, roots(numbersOf(c))(numbersOf(at)));
    return overJets(value, new Map(known).set(unknown, w));
  };
}

const numbersOf = (jets: Readonly<Record<string, Jet>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(jets).map(([name, { v }]) => [name, v]));

function rootOf(equation: Expression, unknown: string, known: ReadonlyMap<string, Jet>, root: number): Jet {
  if (!Number.isFinite(root)) return constant(root);
  const plain = [...known].map(([name, { v }]) => [name, constant(v)] as const);
  const slope = overJets(equation, new Map([...plain, [unknown, variable(root, 0, 1)]])).g[0];
  return implicit(root, (w) => overJets(equation, new Map(known).set(unknown, w)), slope);
}
