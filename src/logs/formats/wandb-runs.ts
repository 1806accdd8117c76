/**
 * Runs of a Weights & Biases project as its public API gives them, one a line: name, id, config and summary.
 * Source: docs.wandb.ai, Public API (`for run in api.runs(...)`: run.name, run.config, run.summary).
 */
import type { LogFormat } from "./format.js";
import { keysOfFirstLine, readJsonLines } from "./json-lines.js";
import type { RowShape } from "./json-row.js";

const SUMMARIES = ["summary", "summary_metrics", "summaryMetrics"];

export const wandbRuns: LogFormat = {
  id: "wandb-runs",
  title: "Weights & Biases runs, one a line",
  matches(head) {
    const keys = keysOfFirstLine(head) ?? [];
    return keys.includes("config") && SUMMARIES.some((key) => keys.includes(key));
  },
  read: (source) => readJsonLines(source, new RunShape()),
};

/** One row a run; runs of the same name stay two runs. */
class RunShape implements RowShape {
  readonly #names = new Set<string>();

  /** Settings may be wrapped as in `{"lr": {"desc": null, "value": 0.001}}`; the client's own keys are left out. */
  columnOf(path: string): string | null {
    if (/^(?:config|summary\w*)\._wandb\b/.test(path) || /^config\..*\.desc$/.test(path)) return null;
    return path.startsWith("config.") ? path.replace(/\.value$/, "") : path;
  }

  /** Exports of the interface's own objects hold JSON in texts. */
  isWrapped(path: string): boolean {
    return path === "config" || SUMMARIES.includes(path);
  }

  *complete(cells: ReadonlyMap<string, string>): Generator<readonly [string, string]> {
    const id = cells.get("id") ?? cells.get("run_id") ?? "";
    const name = cells.get("name") ?? cells.get("display_name") ?? cells.get("displayName") ?? id;
    if (name === "" || cells.has("run")) return;
    const isTaken = this.#names.has(name);
    this.#names.add(name);
    yield ["run", isTaken && id !== "" ? `${name} (${id})` : name];
  }
}
