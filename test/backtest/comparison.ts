import { type Load, type Played, play, SETTING, type Setting } from './play.ts';

/** At most so many more replica-minutes than with the autoscaler alone. */
const MOST_COST = 0.15;

/** The same load with the autoscaler alone, and with minReplicas raised by the forecast. */
export interface Comparison {
  reactive: Played;
  predictive: Played;
  /** The autoscaler alone, with its target lowered until it costs as much as with the forecast. */
  asDear: Played & { target: number };
}

/** @param from minute to begin counting at */
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
  return { reactive, predictive, asDear: { ...alone(high), target: high } };
}

/** What is not as good as it has to be, in words. */
export function shortcomings({ reactive, predictive }: Comparison): string[] {
  const { error } = predictive;
  const found: string[] = [];
  if (!(predictive.underMinutes < reactive.underMinutes)) {
    found.push(`${predictive.underMinutes} minutes with too few pods, ${reactive.underMinutes} without the forecast`);
  }
  const cost = costOf({ reactive, predictive });
  if (!(cost <= MOST_COST))
    found.push(`${(cost * 100).toFixed(1)} % more replica-minutes, ${MOST_COST * 100} % allowed`);
  if (!(error && error.forecast < error.seasonalNaive)) {
    found.push(`wrong by ${error?.forecast} of the load, the seasonal-naive forecast by ${error?.seasonalNaive}`);
  }
  return found;
}

/** Share of replica-minutes that the forecast adds. */
export function costOf({ reactive, predictive }: Pick<Comparison, 'reactive' | 'predictive'>): number {
  return predictive.replicaMinutes / reactive.replicaMinutes - 1;
}
