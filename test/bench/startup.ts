/**
 * Whole-process times: what a user waits for. The runs of the cases are interleaved, so that a busy machine is busy for
 * all of them, and the median is taken. The budgets are differences to a bare `node -e 0` on the same machine, and for a
 * plan from a saved fit how many times as long it takes as the bare one of the same round, by the median of these pairs.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { asCsv, chinchillaFigure, PROGRAM } from "./data.js";
import { programWithFewLaws } from "./few-laws.js";
import { median, ms, printTable } from "./measured.js";

const ROUNDS = 21;

interface Case {
  name: string;
  args: readonly string[];
  /** Milliseconds it may take beyond bare node; null where nothing is asked. */
  budget: number | null;
  /** Times as long as bare node at most. */
  mostTimes?: number;
}

const FIT = ["fit", "figure.csv", "--delta", "1e-3"];

const CASES: readonly Case[] = [
  { name: "node -e 0", args: ["-e", "0"], budget: null },
  { name: "scalefit --version", args: [PROGRAM, "--version"], budget: 30 },
  { name: "scalefit --help", args: [PROGRAM, "--help"], budget: 30 },
  { name: "scalefit laws", args: [PROGRAM, "laws"], budget: null },
  {
    name: "scalefit plan --flops 1e22 (1,000 draws)",
    args: [PROGRAM, "plan", "--flops", "1e22"],
    budget: null,
    mostTimes: 4,
  },
  { name: "scalefit fit (240 rows, 1,000 refits)", args: [PROGRAM, ...FIT, "-o", "again.json"], budget: 400 },
];

/** The same commands of a program that knows three laws: how many there are must not be felt. */
const FEW = ["--version", "--help", "fit"] as const;

const fewCases = (program: string): Case[] =>
  FEW.map((command) => ({
    name: `three laws: scalefit ${command}`,
    args: [program, ...(command === "fit" ? [...FIT, "-o", "few.json"] : [command])],
    budget: null,
  }));

export async function measureStartup(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "scalefit-bench-"));
  try {
    writeFileSync(join(folder, "figure.csv"), asCsv(chinchillaFigure()));
    timeOf([PROGRAM, ...FIT], folder);
    const cases = [...CASES, ...fewCases(await programWithFewLaws(join(folder, "few")))];
    const times = cases.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round++) {
      cases.forEach(({ args }, i) => {
        times[i].push(timeOf(args, folder));
      });
    }
    const bare = median(times[0]);
    const rows = cases.map(({ name, budget, mostTimes }, i) => {
      const time = median(times[i]);
      const pairs = times[i].map((one, round) => one / times[0][round]);
      return [
        name,
        ms(time),
        ms(Math.min(...times[i])),
        i === 0 ? "" : ms(time - bare),
        budget === null ? "" : `${budget}`,
        median(pairs).toFixed(2),
        mostTimes === undefined ? "" : `${mostTimes}`,
      ];
    });
    printTable(
      `Whole processes, ms: median of ${ROUNDS} interleaved runs, Node ${process.version}, ${availableParallelism()} processors`,
      ["command", "median", "least", "beyond bare node", "budget", "times bare node", "at most"],
      rows,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function timeOf(args: readonly string[], cwd: string): number {
  const { PATH = "", HOME = "" } = process.env;
  const start = performance.now();
  const run = spawnSync(process.execPath, args, {
    cwd,
    env: { PATH, HOME, NO_COLOR: "1" },
    encoding: "utf8",
  });
  const time = performance.now() - start;
  if (run.status !== 0) throw new Error(`${args.join(" ")} ended with ${run.status}: ${run.stderr}`);
  return time;
}
