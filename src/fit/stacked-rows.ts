import type { Law } from "../laws/law.js";
import { STAGE } from "../laws/stacked.js";
import type { Observations } from "../objects.js";

/**
 * The rows of several stages under each other, in the order of the stages: n = n_1 + ... + n_K observations of the law that
 * `stackedLaw` makes of them. An input that a stage does not have is filled with a value that its owner has: no row of the
 * stage depends on it, and searches that look at the column see nothing new.
 *
 * @param spreads what residuals of each stage are measured by
 * @param unit the spread that counts as 1, so that delta is on the scale of that stage's residuals
 */
export function stackedRows(
  law: Law,
  stages: readonly Observations[],
  spreads: readonly number[],
  unit: number,
): Observations {
  const lengths = stages.map(({ measured }) => measured.length);
  const before = stages.map((_, k) => lengths.slice(0, k).reduce((sum, n) => sum + n, 0));
  const stageOf = Int32Array.from(stages.flatMap((_, k) => new Array<number>(lengths[k]).fill(k)));
  const units = unitsOf(stages, before);
  const ofStage = <T>(at: number, of: (stage: Observations, row: number, k: number) => T): T => {
    const k = stageOf[at];
    return of(stages[k], at - before[k], k);
  };
  const each = (of: (stage: Observations, row: number, k: number) => number) =>
    Float64Array.from(stageOf, (_, at) => ofStage(at, of));
  return {
    inputs: new Map(law.inputs.map(({ name }) => [name, columnOf(name, stages, each)])),
    measured: each(({ measured }, row) => measured[row]),
    weight: each(({ weight }, row, k) => (weight?.[row] ?? 1) * (unit / spreads[k]) ** 2),
    run: stages.every(({ run }) => run === null) ? null : runsOf(units, stageOf.length),
    units,
    label: (at) => ofStage(at, (stage, row, k) => `${stage.label(row)} (stage ${k + 1})`),
    source: (at) => ofStage(at, (stage, row) => stage.source(row)),
  };
}

function columnOf(
  name: string,
  stages: readonly Observations[],
  each: (of: (stage: Observations, row: number, k: number) => number) => Float64Array,
): Float64Array {
  if (name === STAGE) return each((_stage, _row, k) => k);
  const owner = stages.find(({ inputs }) => inputs.has(name))?.inputs.get(name) as Float64Array;
  const filling = owner[owner.length >> 1];
  return each(({ inputs }, row) => inputs.get(name)?.[row] ?? filling);
}

/** What is drawn together, over all stages: the stages' units of one place are rows of one run or row of the log. */
function unitsOf(stages: readonly Observations[], before: readonly number[]): Int32Array[] {
  const [first] = stages;
  return (first.units ?? []).map((_, u) =>
    Int32Array.from(
      stages.flatMap(({ units }, k) => Array.from((units as readonly Int32Array[])[u], (i) => before[k] + i)),
    ),
  );
}

function runsOf(units: readonly Int32Array[], rows: number): Int32Array {
  const run = new Int32Array(rows);
  units.forEach((unit, u) => {
    for (const row of unit) run[row] = u;
  });
  return run;
}
