import { createLogger as createWinstonLogger, transports, type Logger as WinstonLogger } from 'winston';
import { jsonLinesFormat } from './json-lines-format.ts';

/**
 * The logger the framework writes to. A winston logger, pino behind a wrapper, or `console` fits.
 *
 * `fields` is a flat record for structured output. The framework logs names, field paths, reasons and numbers, never the
 * content of an object, so no Secret can get in.
 */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

function discard(): void {}

/** Discards everything. The default where no logger is given. */
export const silentLogger: Logger = { debug: discard, info: discard, warn: discard, error: discard };

/** Returns a logger that adds `fields` to every entry; the fields of an entry win. */
export function withFields(logger: Logger, fields: Record<string, unknown>): Logger {
  const at = (level: keyof Logger) => (message: string, own?: Record<string, unknown>) =>
    logger[level](message, { ...fields, ...own });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Creates a winston logger that writes one JSON line per entry to standard error. @param level error, warn, info or debug */
export function createLogger(level = 'info'): WinstonLogger {
  return createWinstonLogger({
    level,
    format: jsonLinesFormat(),
    transports: [
      new transports.Console({ stderrLevels: ['error', 'warn', 'info', 'http', 'verbose', 'debug', 'silly'] }),
    ],
  });
}

/** Errors with a complete message: a stack would add nothing. */
const SELF_EXPLANATORY = new Set([
  'ApiError',
  'TransportError',
  'UnexpectedAnswerError',
  'WriteRefusedError',
  'DependentsFailedError',
]);

/** Returns an error as fields of a log line: its message, and the stack unless its message is complete. */
export function errorFields(error: unknown): { error: string; stack?: string } {
  if (!(error instanceof Error)) return { error: String(error) };
  return { error: error.message, ...(!SELF_EXPLANATORY.has(error.name) && error.stack && { stack: error.stack }) };
}
