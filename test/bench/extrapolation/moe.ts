/** Routed models of arXiv 2202.01169: the next size from the smaller ones, 1 to 512 experts, each router by itself. */
import { moeFloor } from "../../../src/laws/moe-floor.js";
import { moeRouting } from "../../../src/laws/moe-routing.js";
import { fitPoints } from "../../support/law-grid.js";
import { sharedRows } from "../data.js";
import type { Line, Trial } from "../extrapolation.js";

interface Run {
  N: number;
  experts: number;
  loss: number;
}

/** One expert a token, every other layer routed; dense runs are runs of one expert for every router. */
function runsOf(router: string): Run[] {
  return sharedRows("moe_routing_final.csv")
    .filter((row) => row.router_type === router || row.router_type === "Dense")
    .filter((row) => row.k === "1" && row.routing_frequency === "0.5" && Number(row.flop_increase) === 1)
    .map((row) => ({
      N: Number(row.dense_parameter_count),
      experts: Number(row.num_experts),
      loss: Number(row.loss_validation),
    }));
}

const LAWS = [
  {
    side: "published",
    law: moeRouting,
    name: "moe-routing, squares-log (published)",
    options: { objective: "squares-log" },
  },
  { side: "ours", law: moeFloor, name: "moe-floor", options: {} },
] as const;

function linesOf(router: string): Line[] {
  const runs = runsOf(router);
  const sizes = [...new Set(runs.map(({ N }) => N))].sort((a, b) => a - b);
  return sizes.slice(-2).flatMap((size) => {
    const below = runs.filter(({ N }) => N < size);
    const at = runs.filter(({ N }) => N === size);
    return LAWS.map(({ side, law, name, options }) => {
      const points = below.map(({ N, experts }) => ({ N, experts }));
      const { valueAt } = fitPoints(
        law,
        points,
        below.map(({ loss }) => loss),
        options,
      );
      return {
        side,
        law: name,
        split: `${router}: ${(size / 1e6).toFixed(0)}M`,
        fitted: below.length,
        measured: at.map(({ loss }) => loss),
        predicted: at.map(({ N, experts }) => valueAt({ N, experts })),
      };
    });
  });
}

export const moe: Trial = {
  name: "moe",
  title: "a size from all smaller ones",
  run: () => ["S-Base", "RL-R", "Hash"].flatMap(linesOf),
  reasons: {
    "S-Base: 132M":
      "a tie, .33 % each: the laws differ where the smaller sizes tell of a floor, one size further",
  },
};
