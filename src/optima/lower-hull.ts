/** The corners of the lower convex hull of points, by x (A. M. Andrew, Inf. Process. Lett. 9 (1979), 216). */
export function lowerHull<P extends { x: number; y: number }>(points: readonly P[]): P[] {
  const order = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const hull: P[] = [];
  for (const point of order) {
    while (hull.length > 1 && !turnsUp(hull[hull.length - 2], hull[hull.length - 1], point)) hull.pop();
    // Of points above each other the lowest came first.
    if (hull.at(-1)?.x !== point.x) hull.push(point);
  }
  return fallingPart(hull);
}

interface Point {
  x: number;
  y: number;
}

const turnsUp = (a: Point, b: Point, c: Point): boolean =>
  (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) > 0;

/** Up to the least y: what lies beyond costs more and gives less. */
function fallingPart<P extends Point>(hull: readonly P[]): P[] {
  let least = 0;
  hull.forEach((point, i) => {
    if (point.y < hull[least].y) least = i;
  });
  return hull.slice(0, least + 1);
}
