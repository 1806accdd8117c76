/** Data for the measurements. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Papa from "papaparse";
import { generator, normal } from "../support/random.js";
import { BESIROGLU, lossOf } from "../support/sweeps.js";

/** The repository: measurements are started from its root (`npm run bench`). */
export const ROOT = process.cwd();
export const PROGRAM = join(ROOT, "bin/scalefit.js");
const SHARED = process.env.SCALEFIT_SHARED ?? join(ROOT, "../shared");

export const sharedPath = (...path: string[]): string => join(SHARED, ...path);

/** The rows of a CSV file under `shared/data`, all cells as text. */
export function sharedRows(name: string): Readonly<Record<string, string>>[] {
  const text = readFileSync(sharedPath("data", name), "utf8");
  return Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;
}

export interface Columns {
  N: number[];
  D: number[];
  loss: number[];
}

/** The Chinchilla figure's 240 points: all but the five highest losses, as in arXiv 2404.10102. */
export function chinchillaFigure(): Columns {
  const [header, ...lines] = readFileSync(sharedPath("data/chinchilla_epoch.csv"), "utf8")
    .trim()
    .split(/\r?\n/);
  const place = (name: string) => header.split(",").indexOf(name);
  const [size, flops, loss] = [place("Model Size"), place("Training FLOP"), place("loss")];
  const rows = lines
    .map((line) => line.split(",").map(Number))
    .sort((a, b) => a[loss] - b[loss])
    .slice(0, -5);
  return {
    N: rows.map((row) => row[size]),
    D: rows.map((row) => row[flops] / (6 * row[size])),
    loss: rows.map((row) => row[loss]),
  };
}

/** Runs over two decades of N and three of D by a published law, with 1 % of noise. */
export function manyRuns(count: number, seed = 1): Record<"N" | "D" | "loss", Float64Array> {
  const random = generator(seed);
  const N = new Float64Array(count);
  const D = new Float64Array(count);
  const loss = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    N[i] = 1e7 * 10 ** (2 * random());
    D[i] = 1e8 * 10 ** (3 * random());
    loss[i] = lossOf(BESIROGLU, N[i], D[i]) * Math.exp(0.01 * normal(random));
  }
  return { N, D, loss };
}

export const asCsv = ({ N, D, loss }: Columns): string =>
  `params,tokens,loss\n${N.map((n, i) => `${n},${D[i]},${loss[i]}\n`).join("")}`;
