/**
 * A law as a function of its parameters over columns, whatever it is made of: a formula is compiled, a computed law is
 * run over jets, the root of an equation is found row by row. All come behind the one interface that fits know.
 */
import { InternalError } from "../errors.js";
import {
  type BoundFunction,
  type ColumnFunction,
  compileColumns,
  type Expression,
} from "./expression/index.js";
import { ImplicitFunction } from "./implicit-function.js";
import { constant, type Jet, variable } from "./jet.js";
import type { Compute, Law } from "./law.js";

/** How the law's parameters come from the fitted ones. */
export interface FreeNames {
  /** Names of the fitted parameters, in their order. */
  free: readonly string[];
  /** Parameters of the law that are fixed or tied, as expressions in the fitted ones. */
  given: ReadonlyMap<string, Expression>;
}

/** The law over its inputs (in their order), as a function of the free parameters. */
export function lawFunction(law: Law, expression: Expression | null, names: FreeNames): ColumnFunction {
  const inputs = law.inputs.map(({ name }) => name);
  if (expression !== null) return compileColumns(expression, { inputs, parameters: names.free });
  if (law.implicit !== null) return new ImplicitFunction(law.implicit, inputs, names);
  if (law.compute === null)
    throw new InternalError({ code: "internal", message: `the law ${law.id} has no value of its own` });
  return new ComputedFunction(
    law.compute,
    law.parameters.map(({ name }) => name),
    inputs,
    names,
  );
}

/** Makes the jets of a law's parameters, named, from the values of the free ones. */
class ParameterJets {
  private readonly tied: { name: string; bound: BoundFunction }[];

  constructor(
    private readonly all: readonly string[],
    private readonly names: FreeNames,
  ) {
    this.tied = [...names.given].map(([name, expression]) => ({
      name,
      bound: compileColumns(expression, { inputs: [], parameters: names.free }).bind([], 1),
    }));
  }

  at(values: Float64Array, withDerivatives: boolean): Record<string, Jet> {
    const p = this.names.free.length;
    const jets: Record<string, Jet> = {};
    this.names.free.forEach((name, i) => {
      jets[name] = withDerivatives ? variable(values[i], i, p) : constant(values[i]);
    });
    for (const { name, bound } of this.tied) jets[name] = this.tiedAt(bound, values, withDerivatives);
    return Object.fromEntries(this.all.map((name) => [name, jets[name]]));
  }

  private tiedAt(bound: BoundFunction, values: Float64Array, withDerivatives: boolean): Jet {
    const p = this.names.free.length;
    const v = new Float64Array(1);
    if (!withDerivatives) {
      bound.value(values, v);
      return constant(v[0]);
    }
    const g = new Float64Array(p);
    const h = new Float64Array((p * (p + 1)) / 2);
    bound.hessian(values, v, g, h);
    return { v: v[0], g, h };
  }
}

class ComputedFunction implements ColumnFunction {
  readonly parameters: readonly string[];
  private readonly jets: ParameterJets;

  constructor(
    private readonly compute: Compute,
    all: readonly string[],
    readonly inputs: readonly string[],
    names: FreeNames,
  ) {
    this.parameters = names.free;
    this.jets = new ParameterJets(all, names);
  }

  bind(columns: readonly Float64Array[], rows: number): BoundFunction {
    const p = this.parameters.length;
    const packed = (p * (p + 1)) / 2;
    const points = Array.from({ length: rows }, (_, i) =>
      Object.fromEntries(this.inputs.map((name, k) => [name, constant(columns[k][i])])),
    );
    const run = (
      values: Float64Array,
      value: Float64Array,
      jacobian?: Float64Array,
      hessian?: Float64Array,
    ) => {
      const c = this.jets.at(values, jacobian !== undefined);
      for (let i = 0; i < rows; i++) {
        const { v, g, h } = this.compute(c, points[i]);
        value[i] = v;
        // A value that no parameter moves has no derivatives of its own.
        for (let j = 0; jacobian !== undefined && j < p; j++) jacobian[j * rows + i] = g[j] ?? 0;
        for (let j = 0; hessian !== undefined && j < packed; j++) hessian[j * rows + i] = h[j] ?? 0;
      }
    };
    return {
      rows,
      value: (values, value) => run(values, value),
      gradient: (values, value, jacobian) => run(values, value, jacobian),
      hessian: (values, value, jacobian, hessian) => run(values, value, jacobian, hessian),
    };
  }
}
