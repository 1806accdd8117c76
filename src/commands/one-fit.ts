/** A saved fit that stands beside that of the loss: one law, so one group. */
import { DataError } from "../errors.js";
import type { SavedFit } from "../objects.js";
import type { Source } from "../plan/source.js";
import { escapeText } from "../text.js";
import { readText, shownName } from "./files.js";
import { parseSavedFit } from "./saved-fit.js";
import { fromSaved } from "./source.js";

/** @throws InputError and DataError for a file that holds no one fit */
export function oneFitIn(
  flag: string,
  file: string,
  { cure, what, rows = "the rows" }: { cure: string; what: string; rows?: string },
): { fit: SavedFit["fits"][number]; source: Source; name: string } {
  const name = escapeText(shownName(file), 200);
  const saved = parseSavedFit(readText(file, cure), file);
  const [fit, ...more] = saved.fits;
  if (more.length > 0) {
    throw new DataError({
      code: "groups",
      message: `${flag}: ${name} has ${saved.fits.length} groups, and a plan has one ${what}`,
      hint: `fit ${rows} of one of them: scalefit fit ... --where`,
    });
  }
  return { fit, source: fromSaved(saved, `fit ${name}`).sources[0], name };
}
