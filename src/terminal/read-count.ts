import { ArgumentError } from './argument-error.ts';

/** Reads a number of things; 0 is one. @param flag names the flag in the error @throws ArgumentError if it is not a whole number */
export function readCount(flag: string, text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(count)) {
    throw new ArgumentError(`--${flag} is "${text}", which is not a number: use a whole number such as 10, or 0`);
  }
  return count;
}
