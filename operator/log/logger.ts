import { createLogger as createWinstonLogger, format, type Logger, transports } from 'winston';

export type { Logger };

/**
 * A winston logger that writes one JSON line an entry to standard error. Levels as winston's: error, warn, info, debug.
 *
 * The framework logs names, fields' paths, reasons and numbers; never an object's content, so no Secret can get in.
 */
export function createLogger(level = 'info'): Logger {
  return createWinstonLogger({
    level,
    format: format.combine(format.timestamp(), format.errors({ stack: true }), format.json()),
    transports: [
      new transports.Console({ stderrLevels: ['error', 'warn', 'info', 'http', 'verbose', 'debug', 'silly'] }),
    ],
  });
}

/** Errors that say all there is to say: where in the program they were thrown helps nobody. */
const EXPLAINED = new Set([
  'ApiError',
  'TransportError',
  'UnexpectedAnswerError',
  'WriteRefusedError',
  'DependentsFailedError',
]);

/** What went wrong, as a log line's fields: the message for a person, and of unknown errors the stack. */
export function errorFields(error: unknown): { error: string; stack?: string } {
  if (!(error instanceof Error)) return { error: String(error) };
  return { error: error.message, ...(!EXPLAINED.has(error.name) && { stack: error.stack }) };
}
