/**
 * The logger the framework writes to. A winston or pino-with-wrapper logger, or `console`, fits.
 *
 * `fields` is a flat record meant for structured output. Nothing secret is ever passed in.
 */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

function nothing(): void {}

/** The default where no logger is given: says nothing. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
