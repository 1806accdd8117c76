/** What laws of a mixture share: a share of the training data for each of M domains, all of them adding up to 1. */
import type { LawDefinition, LawFamily } from "./law.js";

/** 1, 2, ..., M. */
export const domains = (M: number): number[] => Array.from({ length: M }, (_, j) => j + 1);

/** r1, r2, ..., rM. */
export const shareNames = (M: number): string[] => domains(M).map((j) => `r${j}`);

/** The M shares as inputs of a law. */
export const shareInputs = (M: number): LawDefinition["inputs"] =>
  Object.fromEntries(
    domains(M).map((j) => [
      `r${j}`,
      {
        quantity: "fraction",
        unit: "share",
        meaning: `share of domain ${j} in the training data`,
        range: [0, 1],
        zero: true,
      },
    ]),
  );

/** The same parameter for each of M domains. */
export const perDomain = (
  letter: string,
  M: number,
  parameter: (j: number) => LawDefinition["parameters"][string],
): LawDefinition["parameters"] => Object.fromEntries(domains(M).map((j) => [`${letter}${j}`, parameter(j)]));

/** How families of mixture laws are told and given: their size is the number of shares. */
export const MIXTURE_FAMILY: Pick<LawFamily, "counts" | "tried" | "limits" | "columns"> & { usual: number } =
  {
    counts: "domains",
    usual: 5,
    tried: [],
    limits: [2, 64],
    columns: "r",
  };
