export type { ForecastError } from './forecast-error.ts';
export { BUCKET_MINUTES, BUCKETS, type KnownLoad, LoadHistory } from './load-history.ts';
export {
  type Circumstances,
  type ForecastPoint,
  type PredictiveState,
  type Recommendation,
  recommend,
} from './recommend.ts';
