/**
 * How far a value lies above a reference, as a share of the reference's size; null where that is 0. Of references below 0
 * too, above is above.
 */
export function relativeTo(reference: number, value: number): number | null {
  if (reference === 0) return null;
  const share = value / reference - 1;
  return reference > 0 ? share : -share;
}
