import { BUCKET_MINUTES, LoadHistory, type Recommendation, recommend } from '../../src/scaling/predictive/index.ts';
import { Autoscaler } from './autoscaler.ts';

const STEP_S = Autoscaler.SYNC_SECONDS;
const STEPS_PER_MINUTE = 60 / STEP_S;
/** metrics-server reports mean usage over about this time. */
const METRICS_WINDOW_STEPS = 60 / STEP_S;
/** The tolerance of the autoscaler: usage this much above the target counts as too few pods. */
const TOLERANCE = 0.1;

/** Properties of the simulated component. */
export interface Setting {
  min: number;
  max: number;
  /** Cores that a pod requests and is limited to. */
  cores: number;
  /** Target utilization of the autoscaler, as a share of the request. */
  target: number;
  /** Seconds until a new pod is ready. */
  startSeconds: number;
  horizonMinutes: number;
}

export const SETTING: Setting = { min: 2, max: 20, cores: 1, target: 0.6, startSeconds: 120, horizonMinutes: 20 };

export interface Load {
  /** Start, in ms since 1970. */
  start: number;
  /** Load in cores, one value per minute. */
  minutes: Float64Array;
}

export interface Played {
  /** Minutes in which usage of the ready pods was more than 10 % above the target. */
  underMinutes: number;
  /** Minutes in which the load exceeded the capacity of the ready pods. */
  saturatedMinutes: number;
  replicaMinutes: number;
  /** Changes of minReplicas. */
  changes: number;
  /** Share of the decisions that used the forecast. */
  reliableShare: number;
  /** Errors of the forecasts against the load `leadMinutes` later, as shares of the load. */
  error?: { forecast: number; seasonalNaive: number; inBand: number };
  /** Per minute, for the plot. */
  ready: Float64Array;
  minReplicas: Float64Array;
  /** The forecast of each bucket at the end of the horizon. */
  forecasts: { at: number; mean: number; low: number; high: number }[];
}

/**
 * Simulates a load against an autoscaler, with or without minReplicas raised by the forecast.
 *
 * @param from the minute to start counting at; everything earlier is history, known from the start
 * @param learned a history to learn from instead of the load, to check that it matters
 * @param target target of the autoscaler; the result is still measured by the setting's
 */
export function play(
  load: Load,
  from: number,
  setting: Setting,
  {
    predictive,
    learned = load.minutes,
    target = setting.target,
  }: { predictive: boolean; learned?: Float64Array; target?: number },
): Played {
  const { min, max, cores, startSeconds, horizonMinutes } = setting;
  const perReplica = cores * setting.target;
  const autoscaler = new Autoscaler({ perReplica: cores * target, max });
  const atMinute = (minute: number) => load.start + minute * 60_000;
  const history = LoadHistory.empty();
  if (predictive)
    for (let minute = 0; minute < from; minute++) history.add(atMinute(minute), learned[minute] as number);
  const total = load.minutes.length - from;
  const played: Played = {
    underMinutes: 0,
    saturatedMinutes: 0,
    replicaMinutes: 0,
    changes: 0,
    reliableShare: 0,
    ready: new Float64Array(total),
    minReplicas: new Float64Array(total),
    forecasts: [],
  };
  let ready = Math.min(max, Math.max(min, Math.ceil((load.minutes[from] as number) / perReplica)));
  let starting: number[] = [];
  let floor = min;
  let latest: Recommendation | undefined;
  let decisions = 0;
  const usages: number[] = [];
  for (let minute = from; minute < load.minutes.length; minute++) {
    if (predictive && minute % BUCKET_MINUTES === 0) {
      const state = latest?.state;
      latest = recommend({
        history,
        now: atMinute(minute),
        horizonMinutes,
        perReplica,
        min,
        max,
        ...(state && { state }),
      });
      if (latest.minReplicas !== floor) played.changes++;
      floor = latest.minReplicas;
      decisions++;
      if (latest.reliable) played.reliableShare++;
      const last = latest.forecast.at(-1);
      if (last) played.forecasts.push(last);
    }
    for (let step = 0; step < STEPS_PER_MINUTE; step++) {
      const now = minute * 60 + step * STEP_S;
      const [a, b] = [load.minutes[minute] as number, load.minutes[minute + 1] ?? (load.minutes[minute] as number)];
      const wanted = a + ((b - a) * step) / STEPS_PER_MINUTE;
      ready += starting.filter((at) => at <= now).length;
      starting = starting.filter((at) => at > now);
      usages.push(Math.min(wanted, ready * cores));
      if (usages.length > METRICS_WINDOW_STEPS) usages.shift();
      const usage = usages.reduce((sum, one) => sum + one, 0) / usages.length;
      if (predictive && step === 0)
        history.add(atMinute(minute), learned === load.minutes ? usage : (learned[minute] as number));
      if (wanted > ready * perReplica * (1 + TOLERANCE)) played.underMinutes += 1 / STEPS_PER_MINUTE;
      if (wanted > ready * cores) played.saturatedMinutes += 1 / STEPS_PER_MINUTE;
      played.replicaMinutes += (ready + starting.length) / STEPS_PER_MINUTE;
      const change = autoscaler.sync(now, usage, { ready, starting: starting.length }, floor) - ready - starting.length;
      if (change > 0) for (let pod = 0; pod < change; pod++) starting.push(now + startSeconds);
      if (change < 0) {
        // Kubernetes removes unready pods first.
        const unready = Math.min(starting.length, -change);
        starting.splice(starting.length - unready, unready);
        ready -= -change - unready;
      }
    }
    played.ready[minute - from] = ready;
    played.minReplicas[minute - from] = floor;
  }
  if (decisions > 0) played.reliableShare /= decisions;
  const error = errorOf(played.forecasts, load);
  return { ...played, ...(error && { error }) };
}

/** Compares with the real load, not with the learned history. */
function errorOf(forecasts: Played['forecasts'], { start, minutes }: Load): Played['error'] {
  const mean = (at: number) => {
    const minute = (at - start) / 60_000;
    if (minute < 0 || minute + BUCKET_MINUTES > minutes.length) return Number.NaN;
    return minutes.subarray(minute, minute + BUCKET_MINUTES).reduce((sum, one) => sum + one, 0) / BUCKET_MINUTES;
  };
  let [sum, forecast, seasonalNaive, inBand, count] = [0, 0, 0, 0, 0];
  for (const one of forecasts) {
    const came = mean(one.at);
    const lastWeek = mean(one.at - 7 * 24 * 60 * 60_000);
    if (Number.isNaN(came + lastWeek)) continue;
    sum += came;
    forecast += Math.abs(one.mean - came);
    seasonalNaive += Math.abs(lastWeek - came);
    if (one.low <= came && came <= one.high) inBand++;
    count++;
  }
  return count === 0
    ? undefined
    : { forecast: forecast / sum, seasonalNaive: seasonalNaive / sum, inBand: inBand / count };
}
