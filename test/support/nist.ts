import { readdirSync, readFileSync } from "node:fs";
import { sharedFile } from "./shared.js";

/** A certified nonlinear regression problem of NIST's StRD, read from its `.dat` file. */
export interface NistProblem {
  name: string;
  /** The right side of the model in our grammar. */
  formula: string;
  /** The measured value is the log of the first column (Nelson). */
  logOfY: boolean;
  parameters: string[];
  starts: [number[], number[]];
  certified: number[];
  standardErrors: number[];
  residualStandardDeviation: number;
  y: number[];
  /** Input columns by name: x, or x1 and x2. */
  inputs: Map<string, number[]>;
}

export const nistNames = (): string[] =>
  readdirSync(sharedFile("nist"))
    .filter((file) => file.endsWith(".dat"))
    .map((file) => file.slice(0, -4))
    .sort();

export function readNist(name: string): NistProblem {
  const lines = readFileSync(sharedFile("nist", `${name}.dat`), "latin1").split(/\r?\n/);
  // From the line under "k Parameters" to the starting values, less a line that only defines pi.
  const model = lines
    .slice(32, 39)
    .filter((line) => !/pi = |Start/.test(line))
    .join(" ")
    .split(/\bStarting\b/)[0]
    .trim();
  const [, left, right] = /^(\S+)\s*=\s*(.*?)\s*\+\s*e$/.exec(model) ?? [];
  const rows = lines.slice(40).filter((line) => /^\s*b\d+\s*=/.test(line));
  const values = rows.map((line) => line.split("=")[1].trim().split(/\s+/).map(Number));
  const sd = lines.find((line) => line.startsWith("Residual Standard Deviation:"));
  const data = lines
    .slice(60)
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const width = data[0].length - 1;
  const names = width === 1 ? ["x"] : Array.from({ length: width }, (_, j) => `x${j + 1}`);
  const logOfY = left === "log[y]";
  return {
    name,
    formula: right.replace(/\[/g, "(").replace(/\]/g, ")").replace(/\*\*/g, "^").replace(/\s+/g, " "),
    logOfY,
    parameters: values.map((_, j) => `b${j + 1}`),
    starts: [values.map((v) => v[0]), values.map((v) => v[1])],
    certified: values.map((v) => v[2]),
    standardErrors: values.map((v) => v[3]),
    residualStandardDeviation: Number(sd?.split(":")[1]),
    y: data.map((row) => (logOfY ? Math.log(row[0]) : row[0])),
    inputs: new Map(names.map((input, j) => [input, data.map((row) => row[j + 1])])),
  };
}

/** Log relative error: right digits of `value`, at most 11 (the certified digits). */
export function lre(value: number, certified: number): number {
  if (!Number.isFinite(value)) return 0;
  if (value === certified) return 11;
  return Math.max(0, Math.min(11, -Math.log10(Math.abs(value - certified) / Math.abs(certified))));
}
