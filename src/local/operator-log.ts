import { once } from 'node:events';
import { Writable } from 'node:stream';
import { createLogger, type Logger, transports } from 'winston';
import { jsonLinesFormat } from '../../operator/log/json-lines-format.ts';
import { oneLine } from '../terminal/text.ts';

const MAX_BYTES = 20 * 1024 ** 2;

/** The log of the operator: a file, as the terminal shows the table. */
export class OperatorLog {
  readonly logger: Logger;
  #lastProblem: string | undefined;

  /** @param onProblem called with each warning and error, as text for the user */
  constructor(path: string, onProblem: (text: string) => void) {
    const problems = new Writable({
      objectMode: true,
      write: (info: { message?: unknown; error?: unknown }, _encoding, done) => {
        this.#lastProblem = oneLine(`${info.message}${info.error === undefined ? '' : `: ${info.error}`}`);
        onProblem(this.#lastProblem);
        done();
      },
    });
    this.logger = createLogger({
      format: jsonLinesFormat(),
      transports: [
        new transports.File({ filename: path, maxsize: MAX_BYTES, maxFiles: 2, tailable: true }),
        new transports.Stream({ stream: problems, level: 'warn' }),
      ],
    });
    // A full disk must not stop the operator.
    this.logger.on('error', (error: Error) => onProblem(`cannot write the log: ${error.message}`));
  }

  /** The last warning or error. */
  get lastProblem(): string | undefined {
    return this.#lastProblem;
  }

  /** Flushes and closes the log. */
  async close(): Promise<void> {
    const finished = once(this.logger, 'finish');
    this.logger.end();
    await finished;
  }
}
