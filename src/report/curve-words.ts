/** How scales, differences and multiples of curves read. */
import type { Interval } from "../objects.js";
import { escapeText } from "../text.js";
import { flops, significant } from "./format.js";

export const TITLES: Readonly<Record<string, string>> = { N: "parameters", D: "tokens", C: "FLOPs" };

export const unitOf = (along: string): string =>
  along === "C" ? "FLOPs" : (TITLES[along] ?? escapeText(along, 24));

/** A scale: plain where it is of everyday size, as hours are. */
export const scaleText = (value: number): string =>
  value >= 0.01 && value < 1e6 ? significant(value, 3) : flops(value);

export const signed = (value: number): string => `${value < 0 ? "-" : "+"}${significant(Math.abs(value), 3)}`;
export const times = (value: number): string => `${significant(value, 3)}x`;

/** `[low, high]`, a side that is open as such; a dash where both are missing. */
export function limits({ low, high }: Interval, format: (value: number) => string): string {
  if (low === null && high === null) return "-";
  return `[${low === null ? "open" : format(low)}, ${high === null ? "open" : format(high)}]`;
}
