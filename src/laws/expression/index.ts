/**
 * Formula text -> tree -> value, exact derivatives, LaTeX, Python.
 */
export {
  type BoundFunction,
  type ColumnFunction,
  compileColumns,
  type Execution,
  type Names,
} from "./compile.js";
export { differentiate } from "./derivative.js";
export { evaluate } from "./evaluate.js";
export { toLatex } from "./latex.js";
export { linearIn } from "./linear.js";
export { parseFormula } from "./parser.js";
export { toPython, toText } from "./print.js";
export { type InputsOfBoth, sameFormula } from "./same.js";
export { simplify } from "./simplify.js";
export { type Expression, namesOf, substitute } from "./tree.js";
