import { type Expression, substitute } from "./expression/index.js";
import type { ImplicitForm } from "./implicit.js";
import { constant } from "./jet.js";
import type { AllocationForms, Law, Point } from "./law.js";

/** A law of several inputs with some of them held at a value: a law of the others. */
export function lawAt(law: Law, held: Point): Law {
  const names = Object.keys(held);
  if (names.length === 0) return law;
  const { expression, compute, implicit, allocation } = law;
  const numbers = new Map(names.map((name) => [name, { kind: "number" as const, value: held[name] }]));
  const constants = Object.fromEntries(names.map((name) => [name, constant(held[name])]));
  return {
    ...law,
    expression: expression === null ? null : substitute(expression, numbers),
    // A column that never varies has no middle of its own.
    coordinates: null,
    implicit: implicit === null ? null : implicitAt(implicit, numbers, held),
    compute: compute === null ? null : (c, at) => compute(c, { ...at, ...constants }),
    inputs: law.inputs.filter(({ name }) => !names.includes(name)),
    stages: law.stages.map((stage) => lawAt(stage, held)),
    allocation: allocation === null ? null : allocationAt(allocation, held),
  };
}

const implicitAt = (
  { equation, value, roots, unknown }: ImplicitForm,
  numbers: ReadonlyMap<string, Expression>,
  held: Point,
): ImplicitForm => ({
  unknown,
  equation: substitute(equation, numbers),
  value: substitute(value, numbers),
  roots(c) {
    const root = roots(c);
    return (at) => root({ ...at, ...held });
  },
});

const allocationAt = (forms: AllocationForms, held: Point): AllocationForms => ({
  optimum: (c, nd) => forms.optimum(c, nd, held),
  productForLoss: (c, loss) => forms.productForLoss(c, loss, held),
  tokensFor: (c, N) => forms.tokensFor(c, N, held),
  paramsFor: (c, D) => forms.paramsFor(c, D, held),
  saturated: (c, nd) => forms.saturated?.(c, nd, held) ?? null,
});
