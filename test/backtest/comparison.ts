import { type Load, type Played, play, SETTING, type Setting } from './play.ts';

/** Most additional replica-minutes, as a share of those with the autoscaler alone. */
const MAX_COST = 0.15;

/** The same load with the autoscaler alone, and with minReplicas raised by the forecast. */
export interface Comparison {
  reactive: Played;
  predictive: Played;
  /** The autoscaler alone with a target low enough to cost as much as with the forecast. */
  equalCost: Played & { target: number };
}

/** Plays a load with and without the forecast. @param from the minute to start counting at */
export function compare(load: Load, from: number, learned = load.minutes, setting: Setting = SETTING): Comparison {
  const alone = (target: number) => play(load, from, setting, { predictive: false, target });
  const reactive = alone(setting.target);
  const predictive = play(load, from, setting, { predictive: true, learned });
  let [low, high] = [setting.target / 2, setting.target];
  for (let step = 0; step < 7; step++) {
    const middle = (low + high) / 2;
    if (alone(middle).replicaMinutes > predictive.replicaMinutes) low = middle;
    else high = middle;
  }
  return { reactive, predictive, equalCost: { ...alone(high), target: high } };
}

/** Describes each acceptance criterion that is not met. */
export function shortcomings({ reactive, predictive }: Comparison): string[] {
  const { error } = predictive;
  const found: string[] = [];
  if (!(predictive.underMinutes < reactive.underMinutes)) {
    found.push(`${predictive.underMinutes} minutes with too few pods, ${reactive.underMinutes} without the forecast`);
  }
  const cost = costOf({ reactive, predictive });
  if (!(cost <= MAX_COST)) found.push(`${(cost * 100).toFixed(1)} % more replica-minutes, ${MAX_COST * 100} % allowed`);
  if (!(error && error.forecast < error.seasonalNaive)) {
    found.push(`forecast error ${error?.forecast} of the load, seasonal-naive forecast ${error?.seasonalNaive}`);
  }
  return found;
}

/** Replica-minutes that the forecast adds, as a share. */
export function costOf({ reactive, predictive }: Pick<Comparison, 'reactive' | 'predictive'>): number {
  return predictive.replicaMinutes / reactive.replicaMinutes - 1;
}
