/**
 * Runs of MLflow as CSV, one a row: `mlflow experiments csv` and `mlflow.search_runs().to_csv()` write `run_id`,
 * `experiment_id`, `status`, `params.*`, `metrics.*` and `tags.*`.
 */
import { csvHeader, readCsv } from "./csv.js";
import type { LogFormat } from "./format.js";

export const mlflowExport: LogFormat = {
  id: "mlflow-export",
  title: "an MLflow table of runs",
  kinds: ["table"],
  matches(head) {
    const header = csvHeader(head) ?? [];
    return header.includes("run_id") && header.some((name) => /^(?:metrics|params)\./.test(name));
  },
  read: (source) => readCsv(source),
};
