import chalk from "chalk";
import type { CheckDocument } from "../objects.js";
import { relativeTo } from "../relative.js";
import { escapeText } from "../text.js";
import { bracketed, lossValue, plural, signedPercent } from "./format.js";
import { table } from "./table.js";

/** A line a run, then the verdict. */
export function checkView(document: CheckDocument, width: number): string {
  const columns = [
    { header: "" },
    { header: "run" },
    { header: "measured", align: "right" as const },
    { header: "expected", align: "right" as const },
    { header: "allowed", rank: 1 },
    { header: "off by", align: "right" as const, rank: 2 },
  ];
  const rows = document.findings.map((finding) => {
    return [
      finding.severity === "ok" ? chalk.green("ok") : chalk.red("OFF"),
      escapeText(finding.run, 40),
      lossValue(finding.measured),
      lossValue(finding.expected.estimate),
      bracketed(finding.expected, lossValue),
      signedPercent(relativeTo(finding.expected.estimate, finding.measured)),
    ];
  });
  const off = document.findings.filter((finding) => finding.severity !== "ok").length;
  const all = document.findings.length === 1 ? "the run is" : `all ${document.findings.length} runs are`;
  const verdict = document.passed
    ? `${all} on the predicted line`
    : `${off} of ${plural(document.findings.length, "run")} ${off === 1 ? "is" : "are"} off the predicted line`;
  return `${table(columns, rows, width)}\n${document.passed ? chalk.green(verdict) : chalk.red(verdict)}\n`;
}
