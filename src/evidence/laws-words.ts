/** What taking one law or another would do, in words. */
import type { LawSpread, LawsComparison } from "../objects.js";
import { listOf } from "../text.js";

type Words = Omit<LawsComparison, "text">;

export function lawsInWords(comparison: Words): string {
  const { laws, along, reason, scales } = comparison;
  const chosen = laws[0].name;
  if (along === null) return `${chosen} is no curve along one scale: ${reason ?? ""}`;
  const good = laws.filter(({ verdict }) => verdict === "as-good").map(({ name }) => name);
  const { decades, scale } = scales[scales.length - 1];
  const where = `at ${scaleText(scale)}${decades > 0 ? ` (${decades.toFixed(1)} decades beyond the rows)` : ""}`;
  const only =
    good.length === 0
      ? `no other law is as good as ${chosen} by these rows`
      : `${listOf(good)} ${good.length === 1 ? "is" : "are"} as good as ${chosen} by these rows`;
  const same = laws.filter(({ verdict }) => verdict === "equal").map(({ name }) => name);
  const equal =
    same.length === 0
      ? []
      : [`${listOf(same)} ${same.length === 1 ? "predicts" : "predict"} the same as another`];
  return [only, ...equal, ...hangs(comparison, where), ...parts(comparison)].join("; ");
}

/** How far the plan moves at the largest scale. */
function hangs({ spreads, scales }: Words, where: string): string[] {
  const last = scales[scales.length - 1].scale;
  const at = spreads.filter(({ scale }) => scale === last);
  const words = [
    ["tokensPerParameter", "tokens per parameter run"],
    ["loss", "the value runs"],
  ].flatMap(([name, runs]) => {
    const found = at.find(({ of }) => of === name);
    return found === undefined ? [] : [`${runs} ${range(found)}`];
  });
  if (words.length === 0) return [];
  const beside = at[0].among === "all" ? "of all of them " : "";
  return [`${where} ${beside}${words.join(", ")}`];
}

const range = ({ least, greatest, outside, among }: LawSpread): string => {
  const ends = `from ${short(least.value)} (${least.law}) to ${short(greatest.value)} (${greatest.law})`;
  if (outside.length === 0) return `${ends}, inside the chosen law's interval`;
  const hanging = among === "all" ? "" : ": the plan hangs on the law";
  return `${ends}, ${listOf(outside)} outside the chosen law's interval${hanging}`;
};

function parts({ partings }: Words): string[] {
  const [first] = partings;
  if (first === undefined) return [];
  const { a, range: ofAll } = first;
  const together = partings.filter(({ from }) => from === null).map(({ b }) => b);
  return [
    ...partings.flatMap(({ b, from }) =>
      from === null ? [] : [`${a} and ${b} part by more than their intervals from ${scaleText(from)} on`],
    ),
    ...(together.length === 0
      ? []
      : [
          `far beyond the rows (${scaleText(ofAll.high)}) ${a} is not apart by more than the intervals from ${listOf(together, "or")}`,
        ]),
  ];
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
const scaleText = (value: number): string =>
  value >= 0.01 && value < 1e6 ? short(value) : value.toExponential(1).replace("+", "").replace(".0e", "e");
