import { oneLine } from '../terminal/text.ts';
import { age } from './age.ts';
import type { Summary } from './report.ts';

/** A condition as a person would say it: `Ready for 5m: …`, `Not Ready for 5m (Progressing): …`. */
export function conditionWords(condition: Summary['conditions'][number], now: Date): string {
  const { type, status, reason, message, since } = condition;
  const is = { True: type, False: `Not ${type}` }[status] ?? `Unknown whether ${type}`;
  // Why a RestAPI is ready is no news.
  const why = type === 'Ready' && status === 'True' ? '' : ` (${reason})`;
  return oneLine(`${is} for ${age(since, now)}${why}: ${message}`);
}
