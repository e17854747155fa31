/** Reads a port number; undefined if the text is missing or empty. @throws Error if it is not a port number */
export function readPort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`"${text}" is not a valid dashboard port: use a number from 0 to 65535`);
  return port;
}
