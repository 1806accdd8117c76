/**
 * Does the search find the optimum? Synthetic logs with random true laws (exponents 0.05 to 1, floors 0 to 3, noise
 * 0 to 5 %, 12 to 300 rows, outliers in a third), the optimum found against the best of a solver with 200 random
 * starts that shares nothing with it.
 *
 *   npx esbuild test/bench/search.ts --bundle --packages=external --platform=node --format=esm --outfile=dist/bench/search.mjs
 *   node dist/bench/search.mjs [logs, default 10000] [threads, default 2] [first log, default 0] [a part of the objective's name]
 *
 * Misses are printed with the index that makes the log again. Exits with 1 beyond 1 miss in 1,000 above 1e-6, or with
 * any above 1e-3.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type Contest, contest, TRIED, type Tried, wordsFor } from "../support/search-contest.js";

const SMALL = 1e-6;
const LARGE = 1e-3;

if (isMainThread) await judge();
else {
  const { indices, part } = workerData as Share;
  for (const index of indices) parentPort?.postMessage(contest(index, chosen(part)));
}

/** The logs of one thread, and what is tried on them. */
interface Share {
  indices: number[];
  part: string;
}

function chosen(part = process.argv[5] ?? ""): readonly Tried[] {
  return TRIED.filter((one) => wordsFor(one).includes(part));
}

async function judge(): Promise<void> {
  const [count, threads, first] = [10_000, 2, 0].map((usual, j) => Number(process.argv[2 + j] ?? usual));
  const begun = performance.now();
  const contests: Contest[] = [];
  const shares = Array.from({ length: threads }, (_, t) =>
    Array.from({ length: count }, (_, i) => first + i).filter((i) => i % threads === t),
  );
  const report = (made: Contest) => {
    contests.push(made);
    for (const { tried, excess, ours, reference } of made.results) {
      if (excess > SMALL)
        console.log(
          `miss: log ${made.index}, ${tried}: ${excess.toExponential(2)} above (${ours} against ${reference}); ` +
            `${made.rows} rows, noise ${made.noise.toFixed(3)}, outliers ${made.outliers.toFixed(2)}`,
        );
    }
    if (contests.length % 500 === 0)
      console.log(`${contests.length} logs, ${Math.round((performance.now() - begun) / 1000)} s`);
  };
  await Promise.all(
    shares.map(
      (indices) =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(new URL(import.meta.url), {
            workerData: { indices, part: process.argv[5] ?? "" } satisfies Share,
          });
          worker.on("message", report);
          worker.on("error", reject);
          worker.on("exit", () => resolve());
        }),
    ),
  );
  const isGood = chosen()
    .map((_, k) => summary(contests, k))
    .every((good) => good);
  process.exitCode = isGood ? 0 : 1;
}

/** Prints the line of one objective; true where the goal is met. */
function summary(contests: readonly Contest[], k: number): boolean {
  const results = contests.map(({ results }) => results[k]);
  const above = (limit: number) => results.filter(({ excess }) => excess > limit).length;
  const lower = results.filter(({ ours, reference }) => ours < reference * (1 - SMALL)).length;
  const times = results.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const rate = (misses: number) => `${misses} (${((1000 * misses) / results.length).toFixed(2)} in 1,000)`;
  console.log(
    `${wordsFor(chosen()[k])}: ${results.length} logs; above the reference by more than ${SMALL}: ${rate(above(SMALL))}, ` +
      `${LARGE}: ${rate(above(LARGE))}; below it by more than ${SMALL}: ${lower}; ` +
      `median search ${times[times.length >> 1].toFixed(2)} ms`,
  );
  return above(SMALL) <= results.length / 1000 && above(LARGE) === 0;
}
