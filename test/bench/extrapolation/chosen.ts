/** The law that `--law auto` takes of several, by the rows that are fitted alone. */
import { chooseLaw } from "../../../src/evidence/choose-law.js";
import { DEFAULT_OPTIONS } from "../../../src/fit/options.js";
import type { Law, Point } from "../../../src/laws/law.js";
import { observationsOf } from "../../support/law-grid.js";

export function chosenAmong(
  laws: readonly Law[],
  points: readonly Point[],
  measured: readonly number[],
): Law {
  const candidates = laws.map((law) => ({
    law,
    observations: observationsOf(law, points, measured),
    from: new Map(law.inputs.map(({ name }) => [name, name])),
  }));
  const { index } = chooseLaw(candidates, [], { asked: "auto", objective: null, options: DEFAULT_OPTIONS });
  return laws[index];
}
