/** Brackets narrower than this, relative to where they lie, hold no number between their ends. */
const LAST_DIGIT = 4e-16;
/** Halving alone takes sixty steps. */
const MOST_STEPS = 200;

/**
 * The root in a bracket, f(a) <= 0 < f(b), by Chandrupatla's method: inverse quadratic interpolation through the last three
 * places wherever it is sure to stay in the bracket, else the middle (Advances in Engineering Software 28, 1997, p. 145).
 * Smooth functions take eight to twelve steps to the last digit; an infinite f(a) is met by halving.
 */
export function root(f: (t: number) => number, a: number, fa: number, b: number, fb: number): number {
  if (fa === 0) return a;
  // The newest place, the one across the root from it, and the one before.
  let [newest, across, before] = [b, a, b];
  let [fNewest, fAcross, fBefore] = [fb, fa, fb];
  let share = 0.5;
  for (let i = 0; i < MOST_STEPS; i++) {
    const t = newest + share * (across - newest);
    const ft = f(t);
    if (ft > 0 === fNewest > 0) [before, fBefore] = [newest, fNewest];
    else [before, fBefore, across, fAcross] = [across, fAcross, newest, fNewest];
    [newest, fNewest] = [t, ft];
    if (ft === 0) return t;
    const width = Math.abs(across - newest);
    const least = (LAST_DIGIT * Math.max(Math.abs(newest), Math.abs(across), 1e-3)) / 2 / width;
    if (!(least < 0.5)) break;
    const xi = (newest - across) / (before - across);
    const phi = (fNewest - fAcross) / (fBefore - fAcross);
    const isSure = phi * phi < xi && (1 - phi) ** 2 < 1 - xi;
    share = isSure
      ? (fNewest / (fAcross - fNewest)) * (fBefore / (fAcross - fBefore)) +
        ((before - newest) / (across - newest)) *
          (fNewest / (fBefore - fNewest)) *
          (fAcross / (fBefore - fAcross))
      : 0.5;
    share = Math.min(Math.max(share, least), 1 - least);
  }
  return Math.abs(fNewest) < Math.abs(fAcross) ? newest : across;
}
