/** Writes one JSON line to standard output. */
export type Log = (message: string, fields?: Record<string, unknown>) => void;

/** Returns a log that adds `fields` to each line. */
export function logWith(fields: Record<string, unknown>): Log {
  return (message, more) =>
    void process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), message, ...fields, ...more })}\n`);
}
