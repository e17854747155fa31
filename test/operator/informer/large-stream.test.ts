import { expect, test } from 'vitest';
import { jsonLines } from '../../../operator/informer/json-lines.ts';
import { measureCpuStretches } from '../../support/cpu-stretches.ts';

/** About 5 KB of what takes long to read: small things. */
function items(i: number): object[] {
  return Array.from({ length: 100 }, (_, index) => ({ [`name-${index}`]: `${i}`, value: index, more: { deep: [i] } }));
}

test('thousands of lines that arrived at once do not block the event loop, and none is lost', async () => {
  const lines = Array.from({ length: 5_000 }, (_, i) => JSON.stringify({ i, items: items(i) }));
  const all = Buffer.from(`${lines.join('\n')}\n`);
  // Cut anywhere, as the network does.
  async function* chunks() {
    for (let from = 0; from < all.length; from += 65_521) yield all.subarray(from, from + 65_521);
  }
  const seen: number[] = [];
  const ended = measureCpuStretches();
  for await (const line of jsonLines(chunks())) seen.push((line as { i: number }).i);
  expect(seen).toEqual(Array.from(lines.keys()));
  expect(ended().maxMs).toBeLessThan(100);
});
