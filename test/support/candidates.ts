/** Laws that are to be chosen among, over rows given outright. */

import { type ChosenLaw, chooseLaw } from "../../src/evidence/choose-law.js";
import type { Candidate } from "../../src/evidence/common-rows.js";
import type { ObjectiveName } from "../../src/fit/objective.js";
import { DEFAULT_OPTIONS } from "../../src/fit/options.js";
import { lawCalled } from "./core.js";
import { observationsOf } from "./rows.js";

export interface ColumnsOfLog {
  /** By name: `N`, `D`, `C`; a law of x reads `C`. */
  columns: Readonly<Record<string, readonly number[]>>;
  measured: readonly number[];
  run?: readonly number[];
}

/** The law over the rows: each input read from the column of its name, x from C. */
export function candidate(id: string, { columns, measured, run }: ColumnsOfLog): Candidate {
  const law = lawCalled(id);
  const from = new Map(law.inputs.map(({ name }) => [name, name === "x" ? "C" : name]));
  const inputs = Object.fromEntries([...from].map(([name, column]) => [name, columns[column]]));
  return { law, from, observations: observationsOf({ inputs, measured, run }) };
}

export interface ChoiceOptions {
  seed?: number;
  objective?: ObjectiveName;
}

export function chooseAmong(
  ids: readonly string[],
  log: ColumnsOfLog,
  options: ChoiceOptions = {},
): ChosenLaw {
  return chooseLaw(
    ids.map((id) => candidate(id, log)),
    [],
    {
      asked: ids.join(","),
      objective: options.objective ?? null,
      options: { ...DEFAULT_OPTIONS, seed: options.seed ?? 1 },
    },
  );
}
