import type { PoolWay } from "../objects.js";

/** What each way is called in tables. */
export const WAYS: Readonly<Record<PoolWay, string>> = {
  alone: "its own runs alone",
  level: "all but its level taken over",
  fixed: "exponents taken over",
  shared: "exponents shared",
  partial: "partially pooled",
};
