/**
 * How often nominal 95 % intervals hold the truth, over simulated sweeps: `npm run bench -- coverage` under many kinds of
 * noise, `npm run bench -- coverage:plans` of plans under limits; and how often a target is reached that was planned for with a
 * confidence: `npm run bench -- coverage:confidence`. With SWEEPS (1000) and RESAMPLES (399) from the
 * environment, CONDITIONS as a part of the former's titles, SEED (0) for other sweeps. Sweeps are spread over as many
 * processes as there are cores; a sweep's numbers depend on its index alone.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { noneSurely, SURELY, SURELY_NUMBERS, tallySurely } from "../support/confidence-coverage.js";
import { CONDITIONS, NUMBERS, noCoverage, type Tally, tallySweep } from "../support/coverage.js";
import { LIMITS, noPlanCoverage, PLAN_NUMBERS, tallyPlans } from "../support/plan-coverage.js";
import { printTable } from "./measured.js";

const SWEEPS = Number(process.env.SWEEPS ?? 1000);
const RESAMPLES = Number(process.env.RESAMPLES ?? 399);
const SEED = Number(process.env.SEED ?? 0);

/** Tallies by condition and number. */
type Tallies = Record<string, Tally>[];

/** A table of the study: its conditions, the numbers that are held against the truth, and one sweep. */
interface Study {
  name: string;
  words: string;
  titles: readonly string[];
  numbers: readonly string[];
  none(): Tallies;
  /** A cell of the table. */
  shown(tally: Tally): string;
  tally(k: number, into: Tallies): void;
}

const INTERVALS = "coverage of 95 % intervals in %";

const chosen = CONDITIONS.filter(({ title }) => title.includes(process.env.CONDITIONS ?? ""));

const ofNoise: Study = {
  name: "coverage",
  words: INTERVALS,
  titles: chosen.map(({ title }) => title),
  numbers: NUMBERS,
  none: () => chosen.map(noCoverage),
  shown: percentHeld,
  tally(k, into) {
    chosen.forEach((condition, c) => {
      tallySweep(condition, k, RESAMPLES, into[c] as ReturnType<typeof noCoverage>, SEED);
    });
  },
};

const ofPlans: Study = {
  name: "coverage:plans",
  words: INTERVALS,
  titles: LIMITS.map(({ title }) => title),
  numbers: PLAN_NUMBERS,
  none: () => LIMITS.map(noPlanCoverage),
  shown: percentHeld,
  tally: (k, into) => tallyPlans(k, RESAMPLES, into as ReturnType<typeof noPlanCoverage>[], SEED),
};

const ofConfidence: Study = {
  name: "coverage:confidence",
  words:
    "targets that are reached in truth in %, by confidence; where some are refused as out of reach, of the others",
  titles: SURELY.map(({ title }) => title),
  numbers: SURELY_NUMBERS,
  none: () => SURELY.map(noneSurely),
  shown: ({ held, above, below }) =>
    `${percentHeld({ held, above, below: 0 })}${below === 0 ? "" : ` of ${held + above}`}`,
  tally(k, into) {
    SURELY.forEach((condition, c) => {
      tallySurely(condition, k, RESAMPLES, into[c], SEED);
    });
  },
};

export const measureConfidence = () => measure(ofConfidence);
export const measureCoverage = () => measure(ofNoise);
export const measurePlanCoverage = () => measure(ofPlans);

async function measure(study: Study): Promise<void> {
  const part = process.env.COVERAGE_PART;
  if (part !== undefined) {
    const [at, of] = part.split("/").map(Number);
    process.stdout.write(JSON.stringify(countPart(study, at, of)));
    return;
  }
  const processes = availableParallelism();
  const parts = await Promise.all(
    Array.from({ length: processes }, (_, i) => countElsewhere(study, i, processes)),
  );
  const total = parts.reduce(sum, study.none());
  const rows = study.titles.map((title, c) => [
    title,
    ...study.numbers.map((name) => study.shown(total[c][name])),
  ]);
  printTable(
    `${study.words}, ${SWEEPS} sweeps x ${RESAMPLES} resamples (sampling error about ${(100 * Math.sqrt((0.95 * 0.05) / SWEEPS)).toFixed(1)})`,
    ["condition", ...study.numbers],
    rows,
  );
}

function countPart(study: Study, at: number, of: number): Tallies {
  const counted = study.none();
  for (let k = at; k < SWEEPS; k += of) study.tally(k, counted);
  return counted;
}

/** The same program in another process, for its part of the sweeps. */
function countElsewhere({ name }: Study, at: number, of: number): Promise<Tallies> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1], name], {
      env: { ...process.env, COVERAGE_PART: `${at}/${of}` },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(text));
      else reject(new Error(`the process for part ${at} of ${of} ended with ${code}`));
    });
  });
}

const sum = (a: Tallies, b: Tallies): Tallies =>
  a.map((condition, c) =>
    Object.fromEntries(
      Object.entries(condition).map(([name, { held, below, above }]) => {
        const other = b[c][name];
        return [name, { held: held + other.held, below: below + other.below, above: above + other.above }];
      }),
    ),
  );

function percentHeld({ held, below, above }: Tally): string {
  const all = held + below + above;
  return all === 0 ? "-" : ((100 * held) / all).toFixed(1);
}
