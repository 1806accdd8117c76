/**
 * How often the intervals that `compare --metrics` prints hold the truth: `npm run bench -- metrics`, with SIMULATIONS (500)
 * from the environment.
 */
import { type MetricsMade, metricsHeld } from "../support/metric-trials.js";
import { printTable } from "./measured.js";

const SIMULATIONS = Number(process.env.SIMULATIONS ?? 500);
const CHECKPOINTS = { of: "checkpoints", scores: 5 } as const;
const SEEDS = { of: "seeds", scores: 3 } as const;

const SETTINGS: readonly MetricsMade[] = [
  ...[3, 5, 10, 25].flatMap((recipes) => [1, 4].map((snr) => ({ recipes, snr, ...CHECKPOINTS }))),
  { recipes: 10, snr: 0, ...CHECKPOINTS },
  { recipes: 10, snr: 20, ...CHECKPOINTS },
  { recipes: 5, snr: 1, ...SEEDS },
  { recipes: 10, snr: 4, ...SEEDS },
  { recipes: 10, snr: 4, ...SEEDS, scores: 2 },
  { recipes: 10, snr: 4, ...CHECKPOINTS, shared: 0.5 },
];

export function measureMetrics(): void {
  const rows = SETTINGS.map((made) => {
    const { recipes, snr, of, scores, shared } = made;
    const held = metricsHeld(made, SIMULATIONS);
    const common = shared === undefined ? "" : `, ${100 * shared} % of the noise common to a run`;
    return [
      `${recipes} recipes, SNR ${snr}, ${scores} ${of}${common}`,
      ...[held.snr, held.accuracy, held.prediction].map((share) => (100 * share).toFixed(1)),
    ];
  });
  printTable(
    `95 % intervals of compare --metrics over five sizes, ${SIMULATIONS} simulations; wanted: 90 to 98 %`,
    ["", "SNR held, %", "decision accuracy held, %", "prediction error held, %"],
    rows,
  );
}
