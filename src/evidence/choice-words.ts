/** Why a law was chosen, in words. */
import type { ErrorDifference, LawChoice, RankedLaw } from "../objects.js";

/** `bnsl:2`, as `--law` takes it. */
const called = ({ law, size }: { law: string; size?: number }): string =>
  size === undefined ? law : `${law}:${size}`;

export function reasonFor(choice: Omit<LawChoice, "reason">): string {
  const [chosen, ...others] = choice.ranking;
  const compared = others.filter(({ verdict }) => verdict !== "not-compared");
  const name = called(chosen);
  if (compared.length === 0) {
    const none = others.length === 0 ? "no other law fits these columns" : "no other law could be compared";
    return `${name}: ${none}; ${errorsOf(choice, chosen)}`;
  }
  const closer = compared.find(
    ({ verdict, heldOut }) => verdict === "as-good" && isLess(heldOut, chosen.heldOut),
  );
  const { runnerUp } = choice;
  const next = runnerUp === null ? undefined : compared.find((law) => called(law) === called(runnerUp));
  const lead = `${errorsOf(choice, chosen)}`;
  if (closer !== undefined) {
    return `${name} is the simplest law that no other beats on rows held back: ${lead}. ${called(closer)} has ${closer.parameters} parameters instead of ${chosen.parameters} and is ${against(closer)}: not sure enough for them`;
  }
  if (next === undefined) return `${name} predicts rows held back best: ${lead}. The others predict the same`;
  const but =
    next.verdict === "as-good"
      ? `; as good by these rows, with ${next.parameters} parameters instead of ${chosen.parameters}`
      : "";
  return `${name} predicts rows held back best: ${lead}. Next is ${called(next)}, ${against(next)}${but}`;
}

const isLess = (a: number | null, b: number | null): boolean => a !== null && b !== null && a < b;

function errorsOf({ errors, hidden }: Omit<LawChoice, "reason">, law: RankedLaw): string {
  const left = `mean error ${sized(law.leaveOutError, errors)} of rows left out`;
  if (hidden === null) return `${left} (too few scales to hide the largest)`;
  return `${left}, ${sized(law.extrapolationError, errors)} of the ${hidden.rows} rows at the largest ${hidden.scale}`;
}

function sized(error: number | null, unit: LawChoice["errors"]): string {
  const percent = `${digits(100 * (error ?? 0))} %`;
  return unit === "log" ? percent : `${percent} of the spread`;
}

const digits = (value: number): string => (value === 0 ? "0" : String(Number(value.toPrecision(2))));

/** `23 % further off on rows left out (2.6 standard errors), 4 % closer at the largest N D (0.3)`. */
function against({ difference }: RankedLaw): string {
  if (difference === null) return "the same";
  const left = `${far(difference.leaveOut)} on rows left out${sure(difference.leaveOut)}`;
  if (difference.extrapolation === null) return left;
  return `${left}, ${far(difference.extrapolation)} at the largest scales${sure(difference.extrapolation)}`;
}

function far({ relative }: ErrorDifference): string {
  if (relative >= 1) return `${digits(1 + relative)} times as far off`;
  return `${digits(100 * Math.abs(relative))} % ${relative < 0 ? "closer" : "further off"}`;
}

function sure({ standardErrors }: ErrorDifference): string {
  if (standardErrors === null) return "";
  return ` (${standardErrors.toFixed(1)} standard errors)`;
}
