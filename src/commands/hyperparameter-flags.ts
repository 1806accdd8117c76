/** `--lr-fit`, `--lr-preset`: a law of the best learning rate and batch size, fitted or published, for the planned size. */
import { laws } from "#catalogue";
import { UsageError } from "../errors.js";
import { settingOfColumn } from "../logs/setting-column.js";
import { type HyperparametersAsked, settingsLawOf } from "../plan/hyperparameters.js";
import { listOf, nearest, quoteText } from "../text.js";
import type { RawFlags } from "./command.js";
import { textFlag } from "./flags.js";
import { oneFitIn } from "./one-fit.js";
import { fromPreset } from "./source.js";

export { withHyperparameters } from "../plan/hyperparameters.js";

/** @throws UsageError for both flags, an unknown preset and laws of anything else; InputError and DataError for a file that holds no one fit */
export function hyperparametersOf(flags: RawFlags): HyperparametersAsked {
  const file = textFlag(flags, "lrFit");
  const preset = textFlag(flags, "lrPreset");
  if (file !== undefined && preset !== undefined) {
    throw new UsageError({
      code: "flags",
      message: "--lr-fit and --lr-preset contradict each other",
      hint: "give one of them",
    });
  }
  const asked = file === undefined ? ofPreset(preset as string) : ofFile(file);
  settingsLawOf(asked);
  return asked;
}

function ofFile(file: string): HyperparametersAsked {
  const { fit, source, name } = oneFitIn("--lr-fit", file, {
    cure: "make one with: scalefit fit settings.csv --law lr-batch -o lr.json",
    what: "law of its settings",
  });
  const measures = settingOfColumn(fit.measured?.column);
  return { source, given: `--lr-fit ${name}`, ...(measures === null ? {} : { measures }) };
}

function ofPreset(name: string): HyperparametersAsked {
  const names = laws
    .filter(({ outputs }) => outputs.some((output) => output.name === "lr"))
    .flatMap(({ presets }) => presets.map((preset) => preset.name));
  if (names.includes(name)) {
    return { source: fromPreset(name, undefined).sources[0], given: `--lr-preset ${name}` };
  }
  const near = nearest(name, names);
  throw new UsageError({
    code: "unknown-preset",
    message: `--lr-preset: there is no published law of the learning rate called ${quoteText(name)}`,
    hint: near.length > 0 ? `did you mean ${listOf(near, "or")}?` : `there are ${listOf(names)}`,
  });
}
