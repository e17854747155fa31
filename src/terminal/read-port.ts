/** The number of a port as it was typed; undefined for nothing. @throws Error if it is none */
export function readPort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`${text} is no port for the dashboard: give a number from 0 to 65535`);
  return port;
}
