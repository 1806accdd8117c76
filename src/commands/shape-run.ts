/** What `scalefit shape` does: flags -> shapes, a ladder, or a scaled CNN -> view. */
import type { ShapeDocument } from "../objects.js";
import { shape } from "../plan/shape.js";
import { shapeCsv, shapeMarkdown } from "../report/shape-tables.js";
import { shapeView } from "../report/shape-view.js";
import type { Invocation, Outcome, RawFlags } from "./command.js";
import { pageAsked } from "./flags.js";
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
function textOf(document: ShapeDocument, flags: RawFlags, width: number): string {
  const page = pageAsked(flags);
  if (page === "text") return shapeView(document, width);
  return page === "csv" ? shapeCsv(document) : shapeMarkdown(document);
}
