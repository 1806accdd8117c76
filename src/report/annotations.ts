/**
 * Findings as GitHub workflow commands, which a runner shows beside the file. Text from a log is escaped, so that
 * none of it is taken for a command.
 *
 * @see docs.github.com, "Workflow commands": values escape % CR LF, properties also : and ,
 */

import type { Finding } from "../objects.js";
import { escapeText } from "../text.js";

const escapeData = (text: string): string =>
  text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
const escapeProperty = (text: string): string => escapeData(text).replace(/:/g, "%3A").replace(/,/g, "%2C");

/** One line for each finding that is no `ok`. */
export function annotations(findings: readonly Finding[]): string {
  return findings
    .filter((finding) => finding.severity !== "ok")
    .map((finding) => {
      const level = finding.severity === "note" ? "notice" : finding.severity;
      const properties = [
        finding.file === undefined ? "" : `file=${escapeProperty(escapeText(finding.file, 200))}`,
        finding.line === undefined ? "" : `line=${finding.line}`,
        `title=${escapeProperty(`scalefit ${finding.rule}`)}`,
      ].filter((property) => property !== "");
      const what = `${escapeText(finding.run, 60)}: measured ${finding.measured}, expected ${finding.expected.estimate.toPrecision(5)}: ${finding.message}`;
      return `::${level} ${properties.join(",")}::${escapeData(what)}\n`;
    })
    .join("");
}
