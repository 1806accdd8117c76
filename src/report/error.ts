/**
 * Errors and warnings as text and as JSON: the one place where their form is decided.
 *
 *   runs.csv:14: column "loss": cannot use "3. Feb" as a number
 *     a spreadsheet seems to have turned the value into a date
 *     fix the cell or delete the row
 */
import type { ScalefitError } from "../errors.js";
import type { Warning } from "../objects.js";
import { escapeText } from "../text.js";

/** Where it is, as a prefix: `runs.csv:14: column "loss": `. */
function placeOf(error: ScalefitError): string {
  const { file, line, column } = error.place;
  const at = file === undefined ? "" : `${escapeText(file, 200)}${line === undefined ? "" : `:${line}`}: `;
  const alone = file === undefined && line !== undefined ? `line ${line}: ` : "";
  return `${at}${alone}${column === undefined ? "" : `column "${escapeText(column)}": `}`;
}

export function errorText(error: ScalefitError): string {
  const lines = [`scalefit: ${placeOf(error)}${error.message}`];
  for (const more of [error.why, error.hint]) if (more !== undefined) lines.push(`  ${more}`);
  return `${lines.join("\n")}\n`;
}

export function errorJson(error: ScalefitError): object {
  const { file, line, column } = error.place;
  const printable = (text: string | undefined) => (text === undefined ? undefined : escapeText(text, 400));
  return {
    error: {
      code: error.code,
      message: error.message,
      file: printable(file),
      line,
      column: printable(column),
      why: error.why,
      hint: error.hint,
    },
  };
}

/** `warning: ...`, with the group and the file where they say more. */
export function warningText(warning: Warning): string {
  const group = warning.group === undefined ? "" : `${escapeText(warning.group)}: `;
  return `warning: ${group}${warning.message}\n`;
}
