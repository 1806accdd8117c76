/** What `scalefit shape` does: flags -> shapes, a ladder, or a scaled CNN -> view. */
import { UsageError } from "../errors.js";
import type { ShapeDocument } from "../objects.js";
import { shape } from "../plan/shape.js";
import { shapeCsv, shapeMarkdown } from "../report/shape-tables.js";
import { shapeView } from "../report/shape-view.js";
import type { Invocation, Outcome, RawFlags } from "./command.js";
import { cnnAsked, shapeAsked } from "./shape-flags.js";

export async function shapeRun({ flags, width, global }: Invocation): Promise<Outcome> {
  const cnn = cnnAsked(flags);
  const document = shape(cnn === null ? shapeAsked(flags) : { cnn });
  return {
    text: global.json ? "" : textOf(document, flags, width),
    document,
    warnings: document.warnings,
    exitCode: 0,
  };
}

/** As text, CSV or Markdown. @throws UsageError for both of these */
function textOf(document: ShapeDocument, { csv, markdown }: RawFlags, width: number): string {
  if (csv === true && markdown === true)
    throw new UsageError({
      code: "flags",
      message: "--csv and --markdown contradict each other",
      hint: "give one of them",
    });
  if (csv === true) return shapeCsv(document);
  return markdown === true ? shapeMarkdown(document) : shapeView(document, width);
}
