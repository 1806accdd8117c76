/**
 * The efficient frontier of cost against a value: the rows that no other row beats, being at most as dear and at least as
 * good, and better in one of the two.
 */

export interface ParetoPoint {
  cost: number;
  value: number;
}

/**
 * @param points finite costs and values
 * @param isLower whether less of the value is better
 * @returns places of the rows on the frontier, the cheapest first; equal rows are all on it or all off it
 */
export function frontierOf(points: readonly ParetoPoint[], isLower: boolean): number[] {
  const worth = (k: number) => (isLower ? -points[k].value : points[k].value);
  const order = points
    .map((_, k) => k)
    .sort((a, b) => points[a].cost - points[b].cost || worth(b) - worth(a) || a - b);
  const kept: number[] = [];
  for (const k of order) {
    const last = kept.at(-1);
    const isBetter = last === undefined || worth(k) > worth(last);
    const isEqual = last !== undefined && worth(k) === worth(last) && points[k].cost === points[last].cost;
    if (isBetter || isEqual) kept.push(k);
  }
  return kept;
}
