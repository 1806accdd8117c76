/** `scalefit compare --pool`: files -> families of runs -> what each takes from the others -> the view, and a saved fit. */
import { comparePool } from "../evidence/compare-pool.js";
import type { PoolDocument, SavedPool } from "../objects.js";
import { toSavedJson } from "../report/json.js";
import { poolView } from "../report/pool-view.js";
import { VERSION } from "../version.js";
import type { Invocation, Outcome } from "./command.js";
import { scalesFlag } from "./compare-recipes.js";
import { madeOptions } from "./fit-options.js";
import { textFlag } from "./flags.js";
import { familiesAsked, readFamilies } from "./read-families.js";
import { requireWritable, writeWhole } from "./written-files.js";

export async function comparePoolFiles({ args, flags: given, width, global }: Invocation): Promise<Outcome> {
  const { flags, asked } = familiesAsked(args, given);
  const scales = scalesFlag(flags);
  const output = textFlag(flags, "output") ?? null;
  if (output !== null) requireWritable(output, args);
  const { law, families, log, sources, options, warnings } = await readFamilies(args, flags, asked);
  const { comparison, fits } = comparePool(law, families, log, {
    target: textFlag(flags, "target") ?? null,
    scales,
    fit: options,
  });
  if (output !== null) {
    const saved: SavedPool = {
      schema: "scalefit/fit@1",
      fits,
      warnings,
      made: { version: VERSION, options: madeOptions(flags), seed: asked.seed, inputs: sources },
    };
    writeWhole(output, toSavedJson(saved));
  }
  const document: PoolDocument = {
    schema: "scalefit/compare@1",
    mode: "pool",
    pool: comparison,
    warnings,
  };
  return {
    text: global.json ? "" : poolView(document, width, output),
    document,
    warnings: document.warnings,
    exitCode: 0,
  };
}
