/** The root in a bracket, f(a) <= 0 < f(b): false position with the stale end's value halved (Illinois), or bisection. */
export function root(f: (t: number) => number, a: number, fa: number, b: number, fb: number): number {
  let last = 0;
  for (let i = 0; i < 200; i++) {
    const width = b - a;
    if (fa === 0) return a;
    if (width <= 4e-16 * Math.max(Math.abs(a), Math.abs(b), 1e-3)) break;
    // Every third step halves, so that a flat f cannot hold the ends apart.
    const guess = i % 3 === 2 ? (a + b) / 2 : a - (fa * width) / (fb - fa);
    const t = guess > a && guess < b ? guess : (a + b) / 2;
    if (t <= a || t >= b) break;
    const ft = f(t);
    if (ft > 0) {
      b = t;
      fb = ft;
      if (last === 1) fa /= 2;
      last = 1;
    } else {
      a = t;
      fa = ft;
      if (last === -1) fb /= 2;
      last = -1;
    }
  }
  return (a + b) / 2;
}
