import { BUCKETS_PER_DAY, type KnownLoad } from './load-history.ts';
import { minimum } from './minimum.ts';
import { pastForecasts } from './past-forecasts.ts';
import type { Smoothing } from './seasonal-model.ts';
import { longest, type Seasons } from './seasons.ts';

/** Starting points of the search: slow and fast smoothing. */
const BEGINNINGS: Smoothing[] = [
  { alpha: 0.05, gamma: 0.1, omega: 0.2, phi: 0.8 },
  { alpha: 0.2, gamma: 0.05, omega: 0.2, phi: 0.3 },
];

/**
 * Fits the smoothing that would have forecast the past load best (least squares of forecasts this many steps ahead). With
 * less than half a day after the start of the model it returns slow smoothing.
 *
 * @param end index of the step to stop before; later ones are kept to measure the error
 */
export function fittedSmoothing(known: KnownLoad, seasons: Seasons, ahead: number, end: number): Smoothing {
  const cost = (at: readonly number[]) => {
    const past = pastForecasts(known, seasons, smoothingAt(at), [ahead], end);
    let squares = 0;
    for (let from = past.begin; from + ahead < end; from++) {
      const error = past.at(from, ahead) - (known.values[from + ahead] as number);
      if (!Number.isNaN(error)) squares += error ** 2;
    }
    return squares;
  };
  if (end - 2 * longest(seasons) < BUCKETS_PER_DAY / 2) return BEGINNINGS[0] as Smoothing;
  const found = BEGINNINGS.map((beginning) => minimum(cost, coordinates(beginning), { tolerance: 1e-4 }));
  const [best] = found.sort((a, b) => a.value - b.value);
  return rounded(smoothingAt(best?.at ?? []));
}

/** Maps any numbers to shares between 0 and 1. */
function smoothingAt(at: readonly number[]): Smoothing {
  const [alpha = 0, gamma = 0, omega = 0, phi = 0] = at.map((value) => 1 / (1 + Math.exp(-value)));
  return { alpha, gamma, omega, phi };
}

function coordinates({ alpha, gamma, omega, phi }: Smoothing): number[] {
  return [alpha, gamma, omega, phi].map((share) => Math.log(share / (1 - share)));
}

/** Rounded, to be short in the record. */
function rounded({ alpha, gamma, omega, phi }: Smoothing): Smoothing {
  const short = (share: number) => Math.round(share * 1e4) / 1e4;
  return { alpha: short(alpha), gamma: short(gamma), omega: short(omega), phi: short(phi) };
}
