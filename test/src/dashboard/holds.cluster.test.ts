import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Dashboard } from '../../../operator/dashboard/dashboard.ts';
import type { HeldVersion } from '../../../src/dashboard/fleet-row.ts';
import { pageFiles } from '../../../src/dashboard/page-files.ts';
import { openPage, startBrowser } from './browser.ts';
import { HandMadeSource } from './hand-made-source.ts';
import { row, view } from './hand-made-views.ts';

const COMMAND = 'kubectl restapi retry shop -n default';
const PHONE = { viewport: { width: 360, height: 740 } };

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

const hold = {
  revision: '5b8c7d9f',
  reason: 'RollbackTo',
  by: 'alice',
  since: new Date(Date.now() - 300 * 60_000).toISOString(),
  message: 'Rolled back to revision 1a2b3c4d',
  command: COMMAND,
} as const;
const rejection = {
  ...hold,
  reason: 'CheckFailed',
  by: 'a check',
  message: 'check smoke failed (1 of 1 attempts)',
} as const;
const held: HeldVersion = { version: '2.0.0', holds: [hold, rejection] };

test('the page says what holds a version back, since when, and how to let it go, also on a phone', async () => {
  const source = new HandMadeSource();
  const about = { name: 'restapi-operator', version: '1.2.3', leading: true, ready: true };
  const dashboard = new Dashboard(
    { port: 0, files: pageFiles(), maxViewers: 5 },
    {
      sources: [source],
      about: () => about,
      onFailure: (_key, error) => {
        throw error;
      },
    },
  );
  const port = await dashboard.listen();
  await using watched = await openPage(browser, `http://localhost:${port}/`, PHONE);
  const { page } = watched;
  source.set('default/shop', row({ held }), view({ held }));
  await page.getByText('2.0.0 is held back by alice').waitFor();
  await page.getByRole('link', { name: 'shop' }).click();

  const shown = page.getByRole('region', { name: 'Version 2.0.0 is held back' });
  await shown.waitFor();
  expect(
    (await shown.getByRole('listitem').allInnerTexts()).map((text) =>
      text.replace(/\s+/g, ' ').replace(/ for 5h\w* /, ' for 5h '),
    ),
  ).toEqual([
    'Held by alice for 5h Rolled back to revision 1a2b3c4d',
    'Held by a check for 5h check smoke failed (1 of 1 attempts)',
  ]);
  expect(await shown.getByText(COMMAND).textContent()).toBe(COMMAND);
  const wider = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
  expect(wider).toBe(false);
  if (process.env.SHOT) await page.screenshot({ path: process.env.SHOT });

  source.set('default/shop', row(), view());
  await shown.waitFor({ state: 'hidden' });
  expect(watched.faults).toEqual([]);
  await dashboard.close();
});
