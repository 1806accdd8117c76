/**
 * The variables that a fit works on where a law names better ones than its parameters, over given rows.
 */
import {
  type BoundFunction,
  type ColumnFunction,
  compileColumns,
  type Expression,
  linearIn,
  substitute,
} from "../laws/expression/index.js";
import type { Law, SearchCoordinates } from "../laws/law.js";
import { lawFunction } from "../laws/law-function.js";
import type { FreeParameter } from "./formula-starts.js";

/** From a solver's coordinates to the law's parameters, in their order. */
export interface ParameterMap {
  /** The parameters' names; coordinate j stands in the place of parameter j. */
  names: readonly string[];
  of(theta: Float64Array): Float64Array;
  /** d parameters / d theta, row-major. */
  jacobian(theta: Float64Array): Float64Array;
}

export interface Coordinates {
  compiled: ColumnFunction;
  free: FreeParameter[];
  map: ParameterMap;
}

/** @param columns the law's inputs, in its order, all above 0 */
export function coordinatesOver(
  law: Law,
  { formula, variables, parameters }: SearchCoordinates,
  columns: readonly Float64Array[],
): Coordinates {
  const middles = new Map(
    law.inputs.map(({ name }, k) => [
      `${name}0`,
      { kind: "number" as const, value: geometricMean(columns[k]) },
    ]),
  );
  const amid = (expression: Expression) => substitute(expression, middles);
  const inputs = law.inputs.map(({ name }) => name);
  const names = variables.map(({ name }) => name);
  const own = new Map([...parameters].map(([name, expression]) => [name, amid(expression)]));
  const value = formula === null ? null : amid(formula);
  const linear = new Set(value === null ? [] : linearIn(value, names));
  return {
    compiled:
      value === null
        ? lawFunction(law, null, { free: names, given: own })
        : compileColumns(value, { inputs, parameters: names }),
    free: variables.map(({ name, bounds: [lower, upper], start }) => ({
      name,
      lower,
      upper,
      start: null,
      searched: start ?? null,
      isLinear: linear.has(name),
    })),
    map: mapOf(
      law.parameters.map(({ name }) => name),
      law.parameters.map(({ name }) => {
        return compileColumns(own.get(name) as Expression, { inputs: [], parameters: names }).bind([], 1);
      }),
    ),
  };
}

function mapOf(names: readonly string[], each: readonly BoundFunction[]): ParameterMap {
  const p = names.length;
  const value = new Float64Array(1);
  return {
    names,
    of(theta) {
      return Float64Array.from(each, (parameter) => {
        parameter.value(theta, value);
        return value[0];
      });
    },
    jacobian(theta) {
      const result = new Float64Array(p * p);
      each.forEach((parameter, r) => {
        parameter.gradient(theta, value, result.subarray(r * p, (r + 1) * p));
      });
      return result;
    },
  };
}

function geometricMean(column: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < column.length; i++) sum += Math.log(column[i]);
  return Math.exp(sum / column.length);
}
