/** Nothing is known. */
export const GAP = 0;
const ZERO = 1;
/** Codes of 12 bits: 2 and up are loads at equal ratios of 1.0056. */
const MOST = 4095;
const SMALLEST = 1e-4;
const LARGEST = 1e6;
const STEP = Math.log(LARGEST / SMALLEST) / (MOST - 2);

/** A load of 0 or more as 12 bits, to 0.3 %. */
export function codeOf(load: number): number {
  if (load < SMALLEST) return ZERO;
  return 2 + Math.round(Math.log(Math.min(load, LARGEST) / SMALLEST) / STEP);
}

/** Precomputed by code: a history of four weeks is decoded at every decision. */
const LOADS = Float64Array.from({ length: MOST + 1 }, (_, code) => {
  if (code === GAP) return Number.NaN;
  return code === ZERO ? 0 : SMALLEST * Math.exp((code - 2) * STEP);
});

/** @returns NaN for a gap */
export function loadOf(code: number): number {
  return LOADS[code] as number;
}

/** @param codes of 12 bits, an even number of them */
export function packed(codes: Uint16Array): Uint8Array {
  const bytes = new Uint8Array((codes.length * 3) / 2);
  for (let index = 0, at = 0; index < codes.length; index += 2, at += 3) {
    const [a = 0, b = 0] = codes.subarray(index, index + 2);
    bytes[at] = a >> 4;
    bytes[at + 1] = ((a & 15) << 4) | (b >> 8);
    bytes[at + 2] = b & 255;
  }
  return bytes;
}

export function unpacked(bytes: Uint8Array, count: number): Uint16Array {
  const codes = new Uint16Array(count);
  for (let index = 0, at = 0; index < count; index += 2, at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    codes[index] = (a << 4) | (b >> 4);
    codes[index + 1] = ((b & 15) << 8) | c;
  }
  return codes;
}
