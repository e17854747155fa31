interface Point {
  at: number[];
  value: number;
}

/**
 * Finds a local minimum of a function of a few numbers without derivatives: J. A. Nelder and R. Mead, "A simplex
 * method for function minimization", The Computer Journal 7 (1965), 308–313.
 *
 * @param from starting point
 * @param step size of the initial simplex
 * @param evaluations stops after about this many, if it did not converge before
 */
export function minimum(
  cost: (at: readonly number[]) => number,
  from: readonly number[],
  { step = 0.5, evaluations = 200, tolerance = 1e-6 } = {},
): Point {
  let left = evaluations;
  const point = (at: number[]): Point => {
    left--;
    return { at, value: cost(at) };
  };
  const towards = (a: readonly number[], b: readonly number[], share: number) =>
    point(a.map((value, index) => value + share * ((b[index] as number) - value)));
  const simplex = [point([...from]), ...from.map((_, axis) => point(from.map((v, i) => (i === axis ? v + step : v))))];
  for (;;) {
    simplex.sort((a, b) => a.value - b.value);
    const [best, worst, second] = [simplex[0], simplex.at(-1), simplex.at(-2)] as [Point, Point, Point];
    if (left <= 0 || worst.value - best.value <= tolerance * Math.abs(best.value)) return best;
    const others = simplex.slice(0, -1);
    const centre = from.map((_, axis) => others.reduce((sum, { at }) => sum + (at[axis] as number), 0) / others.length);
    const reflected = towards(centre, worst.at, -1);
    let better = reflected;
    if (reflected.value < best.value) {
      const expanded = towards(centre, worst.at, -2);
      if (expanded.value < reflected.value) better = expanded;
    } else if (reflected.value >= second.value) {
      better = towards(centre, reflected.value < worst.value ? reflected.at : worst.at, 0.5);
    }
    if (better.value < worst.value) {
      simplex[simplex.length - 1] = better;
    } else {
      simplex.splice(1, others.length, ...simplex.slice(1).map(({ at }) => towards(best.at, at, 0.5)));
    }
  }
}
