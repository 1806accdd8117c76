/** The functions a formula may call. One more is one row here and its derivative in `derivative.ts`. */
import { digamma, lgamma, polygamma } from "./gamma.js";

/** The closed set of functions; everything else that looks like a call is refused. */
export type FunctionName =
  | "exp"
  | "expm1"
  | "log"
  | "log0"
  | "log1p"
  | "log2"
  | "log10"
  | "sqrt"
  | "abs"
  | "min"
  | "max"
  | "sin"
  | "cos"
  | "tan"
  | "atan"
  | "tanh"
  | "softplus"
  | "sigmoid"
  | "lgamma"
  | "digamma"
  | "polygamma"
  | "select";

/** What a function is, apart from its derivative. */
export interface FunctionRule {
  /** How many arguments it takes, at least and at most. */
  readonly arity: readonly [least: number, most: number];
  readonly compute: (...args: number[]) => number;
  /** JavaScript text over operands that are single names or literals (they may be repeated); `special` is in reach. */
  readonly javascript: (args: readonly string[]) => string;
  /** NumPy text over arguments that are whole expressions. */
  readonly python: (args: readonly string[]) => string;
  /** LaTeX over arguments that are whole expressions. */
  readonly latex: (args: readonly string[]) => string;
}

const parenthesized = (text: string): string => `\\left(${text}\\right)`;

/** A function of one argument that JavaScript, NumPy and (as an operator) LaTeX know. */
function plain(
  compute: (x: number) => number,
  javascript: string,
  python: string,
  latex: string,
): FunctionRule {
  return {
    arity: [1, 1],
    compute,
    javascript: ([x]) => `Math.${javascript}(${x})`,
    python: ([x]) => `np.${python}(${x})`,
    latex: ([x]) => `${latex}${parenthesized(x)}`,
  };
}

/** NumPy's minimum and maximum take two arguments, ours any number from two. */
const nested =
  (fn: string) =>
  (args: readonly string[]): string =>
    args.reduce((left, right) => `${fn}(${left}, ${right})`);

/** `log`, and 0 at 0: the factor in d/dv u^v = u^v log u, which is 0 (not 0 times infinity) at u = 0, v > 0. */
const log0 = (x: number): number => (x === 0 ? 0 : Math.log(x));

/** The third argument where the first is at most the second, the fourth elsewhere. */
const select = (a: number, b: number, whenTrue: number, whenFalse: number): number =>
  a <= b ? whenTrue : whenFalse;

/** ln(1 + e^x), which overflows nowhere. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Functions that generated JavaScript calls, since its language has none of their kind. */
export const special = { lgamma, digamma, polygamma };

/** A function of `special`, which SciPy has. */
function ofGamma(name: keyof typeof special, python: string, latex: FunctionRule["latex"]): FunctionRule {
  const compute: (...args: number[]) => number = special[name];
  return {
    arity: [special[name].length, special[name].length],
    compute,
    javascript: (args) => `special.${name}(${args.join(", ")})`,
    python: (args) => `scipy.special.${python}(${args.join(", ")})`,
    latex,
  };
}

const rules: Record<FunctionName, FunctionRule> = {
  exp: { ...plain(Math.exp, "exp", "exp", ""), latex: ([x]) => `e^{${x}}` },
  expm1: { ...plain(Math.expm1, "expm1", "expm1", ""), latex: ([x]) => `\\left(e^{${x}} - 1\\right)` },
  log: plain(Math.log, "log", "log", "\\ln"),
  log0: {
    ...plain(log0, "log", "log", "\\ln"),
    javascript: ([x]) => `(${x} === 0 ? 0 : Math.log(${x}))`,
    python: ([x]) => `np.log(np.where((${x}) == 0, 1, ${x}))`,
  },
  log1p: {
    ...plain(Math.log1p, "log1p", "log1p", ""),
    latex: ([x]) => `\\ln${parenthesized(`1 + ${x}`)}`,
  },
  log2: plain(Math.log2, "log2", "log2", "\\log_{2}"),
  log10: plain(Math.log10, "log10", "log10", "\\log_{10}"),
  sqrt: { ...plain(Math.sqrt, "sqrt", "sqrt", ""), latex: ([x]) => `\\sqrt{${x}}` },
  abs: { ...plain(Math.abs, "abs", "abs", ""), latex: ([x]) => `\\left|${x}\\right|` },
  min: {
    arity: [2, Infinity],
    compute: Math.min,
    javascript: (args) => `Math.min(${args.join(", ")})`,
    python: nested("np.minimum"),
    latex: (args) => `\\min${parenthesized(args.join(", "))}`,
  },
  max: {
    arity: [2, Infinity],
    compute: Math.max,
    javascript: (args) => `Math.max(${args.join(", ")})`,
    python: nested("np.maximum"),
    latex: (args) => `\\max${parenthesized(args.join(", "))}`,
  },
  sin: plain(Math.sin, "sin", "sin", "\\sin"),
  cos: plain(Math.cos, "cos", "cos", "\\cos"),
  tan: plain(Math.tan, "tan", "tan", "\\tan"),
  atan: plain(Math.atan, "atan", "arctan", "\\arctan"),
  tanh: plain(Math.tanh, "tanh", "tanh", "\\tanh"),
  softplus: {
    arity: [1, 1],
    compute: softplus,
    javascript: ([x]) => `(Math.max(${x}, 0) + Math.log1p(Math.exp(-Math.abs(${x}))))`,
    python: ([x]) => `np.logaddexp(0, ${x})`,
    latex: ([x]) => `\\ln${parenthesized(`1 + e^{${x}}`)}`,
  },
  sigmoid: {
    arity: [1, 1],
    compute: sigmoid,
    javascript: ([x]) => `(1 / (1 + Math.exp(-${x})))`,
    python: ([x]) => `(1 / (1 + np.exp(-(${x}))))`,
    latex: ([x]) => `\\sigma${parenthesized(x)}`,
  },
  lgamma: ofGamma("lgamma", "gammaln", ([x]) => `\\ln\\Gamma${parenthesized(x)}`),
  digamma: ofGamma("digamma", "digamma", ([x]) => `\\psi${parenthesized(x)}`),
  polygamma: ofGamma("polygamma", "polygamma", ([n, x]) => `\\psi^{(${n})}${parenthesized(x)}`),
  select: {
    arity: [4, 4],
    compute: select,
    javascript: ([a, b, c, d]) => `(${a} <= ${b} ? ${c} : ${d})`,
    python: ([a, b, c, d]) => `np.where((${a}) <= (${b}), ${c}, ${d})`,
    latex: ([a, b, c, d]) =>
      `\\begin{cases}${c} & \\text{if } ${a} \\le ${b} \\\\ ${d} & \\text{otherwise}\\end{cases}`,
  },
};

/** The rule of a function. */
export const functionRule = (fn: FunctionName): FunctionRule => rules[fn];

/** Other spellings, as in the NIST models and in other languages. */
const aliases: readonly (readonly [string, FunctionName])[] = [
  ["ln", "log"],
  ["arctan", "atan"],
  ["logistic", "sigmoid"],
];

/** Every spelling a formula may use. A Map: `constructor` and `toString` must not be found on a prototype. */
export const functionNames: ReadonlyMap<string, FunctionName> = new Map([
  ...(Object.keys(rules) as FunctionName[]).map((fn) => [fn, fn] as const),
  ...aliases,
]);
