import { Writable } from 'node:stream';
import { createLogger, format, type Logger, transports } from 'winston';

const LINES = 60;

/** The last lines that some operators logged, for the message of a test that fails. */
export class LogTail {
  readonly #lines: string[] = [];

  /** A logger whose lines begin with `who`. */
  loggerOf(who: string): Logger {
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#lines.push(`${new Date().toISOString().slice(11, 23)} ${who} ${chunk.toString().trim()}`);
        if (this.#lines.length > LINES) this.#lines.shift();
        done();
      },
    });
    return createLogger({ level: 'info', format: format.json(), transports: [new transports.Stream({ stream })] });
  }

  toString(): string {
    return this.#lines.join('\n');
  }
}
