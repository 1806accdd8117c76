/** What the numbers of a published set count, made definite: what its source does not say is unknown. */
import type { Axes } from "../objects.js";
import type { Preset } from "./law.js";

export const UNKNOWN_AXES: Axes = {
  params: "unknown",
  loss: "unknown",
  per: "unknown",
  compute: "unknown",
  tokenizer: null,
  data: null,
};

export const axesOf = ({ axes }: Preset): Axes => ({ ...UNKNOWN_AXES, ...axes });
