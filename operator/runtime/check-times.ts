import { checkDelay } from '../async/check-delay.ts';
import type { OperatorOptions } from './operator-options.ts';

/** Checks every duration in an operator's options before it reaches a timer. @throws RangeError that names the option and its value */
export function checkTimes({
  name = 'operator',
  resyncMs,
  unhealthyAfterMs,
  requestTimeoutMs,
  leaderElection: { leaseDurationSeconds, renewDeadlineMs, retryMs } = {} as never,
  informerTimings = {},
}: OperatorOptions): void {
  const check = (option: string, value: unknown, leastMs = 1) => {
    if (value !== undefined) checkDelay(value, `Operator ${name}: ${option}`, leastMs);
  };
  check('resyncMs', resyncMs);
  check('unhealthyAfterMs', unhealthyAfterMs);
  check('requestTimeoutMs', requestTimeoutMs);
  check('leaderElection.leaseDurationSeconds', leaseDurationSeconds);
  check('leaderElection.renewDeadlineMs', renewDeadlineMs);
  check('leaderElection.retryMs', retryMs);
  for (const [option, value] of Object.entries(informerTimings)) {
    for (const one of Array.isArray(value) ? value : [value]) check(`informerTimings.${option}`, one, 0);
  }
}
