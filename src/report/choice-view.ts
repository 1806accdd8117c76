import type { ErrorDifference, FittedLaw, LawChoice, RankedLaw } from "../objects.js";
import { percent, significant } from "./format.js";
import { table } from "./table.js";
import { heading, labelled, wrap } from "./words.js";

/** Laws shown in the table; the rest are named below it. */
const MOST_ROWS = 10;

/** How the law was chosen: why, in words, and what the others did on the same rows; empty where it was not chosen. */
export function choiceView({ choice }: Pick<FittedLaw, "choice">, width: number): string {
  if (choice === undefined) return "";
  const compared = choice.ranking.filter(({ verdict }) => verdict !== "not-compared");
  const rest = compared.slice(MOST_ROWS).map((law) => `${nameOf(law)} ${behind(law, compared[0])}`);
  const unfitted = choice.ranking.filter(({ verdict }) => verdict === "not-compared");
  return [
    labelled("choice", choice.reason, width),
    `\n${wrap(`laws compared on ${choice.rows} rows: ${held(choice)}`, width)}`,
    ranking(choice, compared.slice(0, MOST_ROWS), width),
    rest.length === 0 ? "" : labelled("further off", rest.join(", "), width),
    ...unfitted.map((law) => labelled("not tried", `${nameOf(law)}: ${law.reason}`, width)),
  ].join("");
}

/** How rows were held back. */
function held({ folds, hidden, errors }: LawChoice): string {
  const unit = errors === "log" ? "" : "; errors in shares of the spread";
  const beyond =
    hidden === null ? "" : `, and the ${hidden.rows} at the largest ${hidden.scale} predicted from the rest`;
  return `one in ${folds} left out at a time${beyond}${unit}`;
}

function ranking(
  { hidden, ranking: [chosen] }: LawChoice,
  shown: readonly RankedLaw[],
  width: number,
): string {
  const right = "right" as const;
  const columns = [
    { header: "law" },
    { header: "parameters", align: right, rank: 2 },
    { header: "left out", align: right },
    { header: "s.e.", align: right, rank: 1 },
    ...(hidden === null
      ? []
      : [
          { header: `largest ${hidden.scale}`, align: right },
          { header: "s.e.", align: right, rank: 1 },
        ]),
    { header: "AICc", align: right, rank: 3 },
    { header: "BIC", align: right, rank: 4 },
    { header: "" },
  ];
  const rows = shown.map((law) => [
    law === chosen ? heading(nameOf(law)) : nameOf(law),
    String(law.parameters),
    error(law.leaveOutError),
    signed(law.difference?.leaveOut),
    ...(hidden === null ? [] : [error(law.extrapolationError), signed(law.difference?.extrapolation)]),
    criterion(law.aicc),
    criterion(law.bic),
    VERDICTS[law.verdict],
  ]);
  return table(columns, rows, width);
}

const VERDICTS: Readonly<Record<RankedLaw["verdict"], string>> = {
  chosen: "chosen",
  "as-good": "as good",
  worse: "",
  equal: "the same",
  "not-compared": "",
};

const nameOf = ({ law, size }: RankedLaw): string => (size === undefined ? law : `${law}:${size}`);
const error = (value: number | null): string => (value === null ? "-" : percent(value));
const criterion = (value: number | null): string => (value === null ? "-" : value.toFixed(1));

/** How many standard errors further off than the chosen law; below 0 for closer. */
function signed(difference: ErrorDifference | null | undefined): string {
  if (difference?.standardErrors == null) return "";
  return `${difference.relative < 0 ? "-" : "+"}${difference.standardErrors.toFixed(1)}`;
}

/** `3.2 times` the chosen law's error on all rows held back. */
const behind = (law: RankedLaw, chosen: RankedLaw): string =>
  `${significant((law.heldOut ?? 0) / (chosen.heldOut || 1), 2)} times`;
