/**
 * Which of a law's parameters are fitted: all of them, or some of them with others fixed at a value or tied to an
 * expression of the rest. The fit works on the free ones; results speak of all.
 */
import {
  type ColumnFunction,
  differentiate,
  type Expression,
  evaluate,
  linearIn,
  namesOf,
  substitute,
} from "../laws/expression/index.js";
import type { Law } from "../laws/law.js";
import { lawFunction } from "../laws/law-function.js";
import type { FreeParameter } from "./formula-starts.js";

/** What the user said of single parameters. */
export interface ParameterChoices {
  starts: ReadonlyMap<string, number>;
  bounds: ReadonlyMap<string, readonly [number, number]>;
  fixed: ReadonlyMap<string, number>;
  /** Expressions in other parameters of the law. */
  tied: ReadonlyMap<string, Expression>;
}

export const NO_CHOICES: ParameterChoices = {
  starts: new Map(),
  bounds: new Map(),
  fixed: new Map(),
  tied: new Map(),
};

/** The choices with what the law holds in every fit, unless it was said otherwise of that parameter. */
export function withHeld(law: Law, choices: ParameterChoices): ParameterChoices {
  const { starts, bounds, fixed, tied } = choices;
  const held = law.parameters.flatMap(({ name, held: value }): [string, number][] =>
    value === undefined || [starts, bounds, fixed, tied].some((said) => said.has(name))
      ? []
      : [[name, value]],
  );
  return held.length === 0 ? choices : { ...choices, fixed: new Map([...fixed, ...held]) };
}

export interface Layout {
  free: FreeParameter[];
  /**
   * The law over its inputs as a function of the free parameters alone. Made once: what is compiled again is also warmed
   * up again, which takes longer than a quick fit.
   */
  compile(): ColumnFunction;
  /** Whether the law is fitted as it is: nothing fixed, tied, started or bounded by the user. */
  isPlain: boolean;
  /** The same but for what the law itself holds in every fit. */
  isOwn: boolean;
  /** All parameters of the law, in its order, from the free ones. */
  complete(free: Float64Array): Float64Array;
  /** d all / d free, row-major. */
  jacobian(free: Float64Array): Float64Array;
}

export function layoutOf(law: Law, choices: ParameterChoices): Layout {
  const { starts, bounds, fixed, tied } = choices;
  const given = new Map<string, Expression>(
    [...fixed].map(([name, value]) => [name, { kind: "number", value }]),
  );
  for (const [name, expression] of tied) given.set(name, substitute(expression, given));
  const expression = law.expression === null ? null : substitute(law.expression, given);
  const names = law.parameters.map(({ name }) => name).filter((name) => !given.has(name));
  const linear = new Set(expression === null ? linearOf(law, tied) : linearIn(expression, names));
  const free = law.parameters
    .filter(({ name }) => !given.has(name))
    .map(({ name, bounds: own, start: range }): FreeParameter => {
      const [lower, upper] = bounds.get(name) ?? own;
      const start = starts.get(name) ?? null;
      // Bounds of one's own say where to look.
      const searched = bounds.has(name) ? null : (range ?? null);
      return { name, lower, upper, start, searched, isLinear: linear.has(name) };
    });
  const valuesOf = (values: Float64Array) => new Map(names.map((name, j) => [name, values[j]]));
  let compiled: ColumnFunction | null = null;
  return {
    free,
    compile() {
      compiled ??= lawFunction(law, expression, { free: names, given });
      return compiled;
    },
    isPlain: given.size === 0 && starts.size === 0 && bounds.size === 0,
    isOwn:
      tied.size === 0 &&
      starts.size === 0 &&
      bounds.size === 0 &&
      law.parameters.every(({ name, held }) => !fixed.has(name) || fixed.get(name) === held),
    complete(values) {
      const known = valuesOf(values);
      return Float64Array.from(law.parameters, ({ name }) => {
        const expression = given.get(name);
        return expression === undefined ? (known.get(name) as number) : evaluate(expression, known);
      });
    },
    jacobian(values) {
      const known = valuesOf(values);
      const result = new Float64Array(law.parameters.length * names.length);
      law.parameters.forEach(({ name }, r) => {
        const expression = given.get(name);
        names.forEach((other, j) => {
          if (expression === undefined) result[r * names.length + j] = other === name ? 1 : 0;
          else if (namesOf(expression).includes(other)) {
            result[r * names.length + j] = evaluate(differentiate(expression, other), known);
          }
        });
      });
      return result;
    },
  };
}

/** The parameters that a computed law says are linear; a tie may bend them. */
const linearOf = (law: Law, tied: ReadonlyMap<string, Expression>): string[] =>
  tied.size > 0 ? [] : law.parameters.filter(({ isLinear }) => isLinear === true).map(({ name }) => name);
