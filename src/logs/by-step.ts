/** Rows by their step, of equal steps the later line last; rows without a step come first. */
export function byStep(rows: readonly number[], steps: Float64Array): number[] {
  const of = (row: number) => (Number.isNaN(steps[row]!) ? Number.NEGATIVE_INFINITY : steps[row]!);
  return rows.toSorted((a, b) => {
    const [x, y] = [of(a), of(b)];
    return x < y ? -1 : x > y ? 1 : a - b;
  });
}
