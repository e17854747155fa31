import { format } from 'winston';
import { escapeHidden } from './plain-text.ts';

/** The key under which winston keeps the text of a line (the package triple-beam). */
const LINE = Symbol.for('message');

const escaped = format((info) => {
  info[LINE] = escapeHidden(String(info[LINE]));
  return info;
});

/**
 * Returns the winston format of log files: one JSON object per line, with time and stack. Hidden characters are escaped, so that an
 * object's text cannot control the terminal that shows the log.
 */
export function jsonLinesFormat() {
  return format.combine(format.timestamp(), format.errors({ stack: true }), format.json(), escaped());
}
