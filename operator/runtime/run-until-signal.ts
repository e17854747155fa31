import { createLogger, type Logger } from '../log/logger.ts';
import type { Operator } from './operator.ts';

export interface RunOptions {
  /** How long running handlers may take after the signal, in milliseconds; see `Operator.stop()`. Default 10,000. */
  drainMs?: number;
  /** Default: JSON lines on standard error. */
  logger?: Logger;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Starts an operator and stops it at SIGTERM (from the kubelet) or SIGINT (Ctrl-C): running handlers may finish, the Lease is
 * released, connections are closed. Resolves when all of that is done; further signals are ignored until then. A handler
 * that does not return can still keep the process alive, so a main program calls `process.exit()` afterwards.
 *
 * @throws what `operator.start()` throws before a signal has arrived
 *
 * @example
 * ```ts
 * await runUntilSignal(new Operator({ name: 'greeting-operator', controllers: [GreetingController] }));
 * process.exit();
 * ```
 */
export async function runUntilSignal(
  operator: Operator,
  { drainMs, logger = createLogger() }: RunOptions = {},
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  for (const signal of SIGNALS) process.on(signal, resolve);
  try {
    // The signal may come first, for example while the API server is unavailable.
    const signal = await Promise.race([promise, operator.start().then(() => promise)]);
    logger.info('Stopping', { signal });
    await operator.stop(drainMs);
  } finally {
    for (const signal of SIGNALS) process.off(signal, resolve);
  }
}
