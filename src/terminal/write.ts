import { plainText } from '../../operator/log/plain-text.ts';

// The only file of src/ that writes to the standard streams, apart from Screen's default output: what is written here can quote
// text from the cluster.

/** Writes text to standard output. @param onWritten called when it is flushed */
export function printText(text: string, onWritten?: () => void): void {
  process.stdout.write(plainLines(text).join('\n'), () => onWritten?.());
}

/** Writes a message and a line feed to standard error. Its further lines are indented, so that they cannot pass for other messages. */
export function printError(message: string): void {
  const [first = '', ...more] = plainLines(message);
  const indented = more.map((line) => (line === '' || line.startsWith(' ') ? line : `  ${line}`));
  process.stderr.write(`${[first, ...indented].join('\n')}\n`);
}

/** Returns the lines of a text without hidden characters other than tabs. */
function plainLines(text: string): string[] {
  return text.split('\n').map(plainLine);
}

/** Returns a line without hidden characters other than tabs. */
export function plainLine(line: string): string {
  return line.split('\t').map(plainText).join('\t');
}
