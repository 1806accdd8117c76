import chalk from "chalk";
import type { CheckDocument } from "../objects.js";
import { relativeTo } from "../relative.js";
import { escapeText } from "../text.js";
import { bracketed, lossValue, plural, signedPercent } from "./format.js";
import { table } from "./table.js";
import { wrap } from "./words.js";

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
  const held = document.against === undefined ? "" : `${against(document.against, width)}\n`;
  return `${table(columns, rows, width)}\n${held}${document.passed ? chalk.green(verdict) : chalk.red(verdict)}\n`;
}

/** When and from what the runs were predicted. */
function against({ registered, fit }: NonNullable<CheckDocument["against"]>, width: number): string {
  const from =
    fit === null
      ? "published coefficients"
      : `${escapeText(fit.name, 100)} (sha256 ${fit.sha256.slice(0, 12)})`;
  return wrap(`predicted on ${registered.slice(0, 10)} from ${from}`, width);
}
