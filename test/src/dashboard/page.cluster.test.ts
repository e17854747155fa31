import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Dashboard } from '../../../operator/dashboard/dashboard.ts';
import { pageFiles } from '../../../src/dashboard/page-files.ts';
import { openPage, startBrowser, type WatchedPage } from './browser.ts';
import { HandMadeSource } from './hand-made-source.ts';
import { row, view, withTexts } from './hand-made-views.ts';

const KEY = 'default/shop';
/** Would run if text became markup or a link. */
const HOSTILE = `"'><img src=x onerror="alert(1)"><script>alert(2)</script><a href="javascript:alert(3)">x</a>`;

let browser: Browser;
let source: HandMadeSource;
let dashboard: Dashboard;
let port: number;
let about: object;
let watched: WatchedPage | undefined;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  source = new HandMadeSource();
  about = { name: 'restapi-operator', version: '1.2.3', leading: true, ready: true };
  port = await serve(0);
});
afterEach(async () => {
  const faults = watched?.faults ?? [];
  await watched?.[Symbol.asyncDispose]();
  watched = undefined;
  await dashboard.close();
  expect(faults).toEqual([]);
});

function onFailure(_key: string, error: unknown): void {
  throw error;
}

async function serve(at: number, maxViewers = 5): Promise<number> {
  dashboard = new Dashboard(
    { port: at, files: pageFiles(), maxViewers },
    { sources: [source], about: () => about, onFailure },
  );
  return dashboard.listen();
}

async function open(place = '', options: Parameters<typeof openPage>[2] = {}) {
  watched = await openPage(browser, `http://localhost:${port}/${place}`, options);
  return watched.page;
}

/** Chromium itself logs refused connections. */
function forgetLostConnections(): void {
  const others = watched?.faults.filter((fault) => !/net::ERR_|status of 503/.test(fault)) ?? [];
  watched?.faults.splice(0, Number.POSITIVE_INFINITY, ...others);
}

test('the empty list shows how to create a RestAPI; a created one appears and a deleted one disappears', async () => {
  const page = await open();
  await page.getByText('No RestAPIs yet').waitFor();
  await page.getByText('kubectl apply -f -').waitFor();
  source.set(KEY, row());
  const shown = page.getByRole('row', { name: /shop/ });
  await shown.getByText('Ready', { exact: true }).waitFor();
  expect(await page.getByText('No RestAPIs yet').isVisible()).toBe(false);
  source.set(KEY, row({ phase: 'Degraded', tone: 'bad', readyReplicas: 1 }));
  await shown.getByText('Degraded').waitFor();
  await shown.getByText('1/2').waitFor();
  source.set(KEY, undefined);
  await page.getByText('No RestAPIs yet').waitFor();
});

test('the page says that the caches are not filled and that another operator is the leader', async () => {
  about = { ...about, ready: false };
  const page = await open();
  await page.getByText('is still filling its caches').waitFor();
  await page.getByText('Loading RestAPIs').waitFor();
  about = { ...about, ready: true, leading: false };
  dashboard.sendAbout();
  await page.getByText('This operator is a standby').waitFor();
  await page.getByText('No RestAPIs yet').waitFor();
  about = { ...about, leading: true };
  dashboard.sendAbout();
  await page.getByText('This operator is a standby').waitFor({ state: 'hidden' });
});

test('no text becomes markup, script or a link', async () => {
  const condition = { type: 'Ready', status: 'False', reason: 'R', message: 'M', since: '', trouble: true } as const;
  const full = view({
    troubles: [condition],
    held: {
      version: 'v',
      holds: [{ revision: 'r', reason: 'RollbackTo', by: 'b', since: '', message: 'm', command: 'c' }],
    },
    conditions: [condition],
    activeEnvironment: 'blue',
    releasing: {
      revision: 'r',
      environment: 'green',
      version: '2',
      phase: 'Preparing',
      startedAt: '',
      authors: ['who'],
      message: 'm',
      steps: [{ title: 't', state: 'now' }],
    },
    checks: {
      stage: 'prePromotion',
      result: 'Running',
      checks: [{ name: 'n', result: 'r', attempts: 1, failures: 0, message: 'm' }],
    },
    components: [
      {
        name: 'model',
        ready: 1,
        replicas: 1,
        service: 's',
        image: 'i',
        reason: 'r',
        message: 'm',
        scaling: {
          min: 1,
          max: 2,
          metrics: [{ name: 'cpu', current: '1%', target: '2%' }],
          forecast: { reliable: false, minReplicas: 1 },
        },
        recommended: { cpu: 'c', memory: 'm' },
      },
    ],
    healing: [
      { at: '', action: 'RestartPod', component: 'model', target: 't', reason: 'r', message: 'm', result: 'Done' },
    ],
    history: [{ revision: 'r', version: 'v', result: 'Promoted', at: '', by: 'b', message: 'm' }],
  });
  const hostile = withTexts(full, HOSTILE);
  about = withTexts(about, HOSTILE);
  source.set(HOSTILE, { ...hostile, release: { environment: HOSTILE, phase: HOSTILE, version: HOSTILE } }, hostile);
  const page = await open();
  await page.locator('main').getByRole('link', { name: HOSTILE }).click();
  // The key in the link contains a slash, so no RestAPI can have that name; the page still shows it as text.
  await page.getByText('There is no RestAPI').waitFor();
  source.set(KEY, hostile);
  await page.goto(`http://localhost:${port}/#/default/shop`);
  await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
  for (const summary of await page.locator('summary').all()) await summary.click();
  expect(await page.locator('main').textContent()).toContain('<script>alert(2)</script>');
  expect(await page.locator('main script, main img, a[href^="javascript"]').count()).toBe(0);
  expect(await page.locator('script').count()).toBe(1);
});

test('the content security policy blocks markup, script and other origins even from the page itself', async () => {
  const page = await open();
  await page.getByText('Live').waitFor();
  const happened = await page.evaluate(async () => {
    const tried: Record<string, string> = {};
    const attempt = async (what: string, doing: () => unknown) => {
      tried[what] = await Promise.resolve()
        .then(doing)
        .then(
          () => 'done',
          () => 'refused',
        );
    };
    const { document, fetch } = globalThis as unknown as {
      // biome-ignore lint/suspicious/noExplicitAny: the browser's own
      document: any;
      fetch: (url: string) => Promise<unknown>;
    };
    await attempt('markup', () => {
      document.body.innerHTML = '<b>x</b>';
    });
    await attempt('script', () => {
      const script = document.createElement('script');
      script.append('globalThis.ran = true');
      document.body.append(script);
      if (!(globalThis as { ran?: boolean }).ran) throw new Error('it did not run');
    });
    await attempt('another origin', () => fetch('http://127.0.0.1:9/'));
    return tried;
  });
  expect(happened).toEqual({ markup: 'refused', script: 'refused', 'another origin': 'refused' });
  // Chromium logs each.
  expect(watched?.faults.length).toBeGreaterThan(0);
  watched?.faults.splice(0);
});

test('the page says that it is disconnected and since when, and reconnects by itself', async () => {
  source.set(KEY, row());
  const page = await open();
  await page.getByText('Live', { exact: true }).waitFor();
  await dashboard.close();
  await page.getByText(/Disconnected from the operator, retrying in \d+ s.*Last update: /).waitFor();
  expect(await page.getByRole('link', { name: 'shop' }).isVisible()).toBe(true);
  source.set(KEY, undefined);
  source.set('default/blog', row({ name: 'blog' }));
  await serve(port);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'blog' }).waitFor();
  expect(await page.getByRole('link', { name: 'shop' }).count()).toBe(0);
  expect(await page.getByText('Disconnected').count()).toBe(0);
  forgetLostConnections();
});

test('a page above the limit says so and connects when another one closes', async () => {
  await dashboard.close();
  await serve(port, 1);
  const first = await openPage(browser, `http://localhost:${port}/`);
  await first.page.getByText('Live', { exact: true }).waitFor();
  const page = await open();
  await page.getByText('The limit of 1 open pages is reached').waitFor();
  await first[Symbol.asyncDispose]();
  await page.getByText('Live', { exact: true }).waitFor();
  forgetLostConnections();
});

test('the page reloads when the operator serves another version of it', async () => {
  const page = await open();
  await page.getByText('Live', { exact: true }).waitFor();
  await page.evaluate(() => {
    (globalThis as { before?: boolean }).before = true;
  });
  const { '/style.css': style, ...files } = pageFiles();
  await dashboard.close();
  const newer = {
    ...files,
    '/style.css': { contentType: style?.contentType ?? '', body: `${style?.body}/* newer */` },
  };
  dashboard = new Dashboard({ port, files: newer }, { sources: [source], about: () => about, onFailure });
  await dashboard.listen();
  await page.waitForFunction(() => !(globalThis as { before?: boolean }).before);
  await page.getByText('Live', { exact: true }).waitFor();
  forgetLostConnections();
});

test('everything works by keyboard, and the focus stays while the page changes', async () => {
  source.set(KEY, row(), view());
  source.set('default/blog', row({ name: 'blog', phase: 'Failed', tone: 'bad' }));
  const page = await open();
  await page.getByRole('link', { name: 'shop' }).waitFor();
  await page.keyboard.press('Tab');
  expect(await page.getByRole('link', { name: 'Skip to content' }).evaluate((link) => link.matches(':focus'))).toBe(
    true,
  );
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('SHO');
  await page.getByRole('link', { name: 'blog' }).waitFor({ state: 'hidden' });
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  const link = page.getByRole('link', { name: 'shop', exact: true });
  const focused = () => link.evaluate((element) => element.matches(':focus'));
  expect(await focused()).toBe(true);
  source.set(KEY, row({ phase: 'Progressing', tone: 'busy' }), view());
  source.set('default/shadow', row({ name: 'shadow' }));
  source.set('default/a-shop', row({ name: 'a-shop' }));
  await page.getByRole('link', { name: 'a-shop' }).waitFor();
  expect(await focused()).toBe(true);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'shop' }).waitFor();
  expect(await page.locator('h1').evaluate((element) => element.matches(':focus'))).toBe(true);
  const summary = page.locator('summary');
  await summary.focus();
  await page.keyboard.press('Enter');
  await page.getByText('shop-model-a').waitFor();
  source.set(KEY, row(), view({ phase: 'Degraded', tone: 'bad' }));
  await page.getByText('Degraded', { exact: true }).waitFor();
  // Details that the reader opened stay open and focused.
  expect(await page.getByText('shop-model-a').isVisible()).toBe(true);
  expect(await summary.evaluate((element) => element.matches(':focus'))).toBe(true);
  // Screen readers are told.
  await page.locator('[aria-live=polite]').getByText('shop is Degraded').waitFor({ state: 'attached' });
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'RestAPIs' }).waitFor();
});

test('forecast and recommended requests appear in the table and the plot', async () => {
  const metrics = [{ name: 'cpu', current: '40%', target: '70%' }];
  const forecast = { reliable: true, minReplicas: 4, errorPercent: 7 };
  const scaling = { min: 4, max: 10, desired: 4, metrics, forecast };
  const component = {
    name: 'model' as const,
    ready: 2,
    replicas: 4,
    image: 'shop:1',
    scaling,
    recommended: { memory: '64Mi' },
  };
  source.set(KEY, row(), view({ components: [component] }));
  const page = await open('#/default/shop');
  await page.getByRole('row', { name: 'model 2 4 4 10 memory 64Mi cpu 40% of 70% 4 pods, recent error 7 %' }).waitFor();
  await page.getByText('forecast minimum').waitFor();
  // 4 on an axis up to 10.
  expect(await page.locator('path.line.forecast').getAttribute('d')).toMatch(/^M34 58.4H/);
  source.set(
    KEY,
    row(),
    view({ components: [{ ...component, scaling: { ...scaling, forecast: { reliable: false, minReplicas: 1 } } }] }),
  );
  await page.getByText('1 pod, error not known yet; not used').waitFor();
});

test('the forecast load of a component is plotted with its band', async () => {
  const ahead = [1, 2].map((mean) => ({ mean, low: mean - 0.5, high: mean + 0.5 }));
  const forecast = {
    savedAt: '2026-01-01T00:00:00Z',
    from: 1_767_139_200_000,
    stepMs: 600_000,
    past: [1, null, 2],
    ahead,
  };
  const [model] = view().components;
  if (!model) throw new Error('no component');
  source.set(KEY, view({ components: [{ ...model, forecast, recommended: { memory: '300Mi' } }] }));
  const page = await open('#/default/shop');
  const picture = page.getByRole('img', { name: /2 cores, between 1.5 and 2.5/ });
  await picture.waitFor();
  // The load is unknown in the middle, so its line starts twice; the band is an area.
  expect(await picture.locator('path.line.load').getAttribute('d')).toMatch(/^M[^M]*M[^M]*$/);
  expect(await picture.locator('path.band').getAttribute('d')).toMatch(/Z$/);
  await page.getByText('memory 300Mi').waitFor();
});

test('the filter shows only RestAPIs that need attention', async () => {
  const trouble = {
    type: 'ScalingLimited',
    status: 'True',
    reason: 'AtMaxReplicas',
    message: 'more',
    since: '',
    trouble: true,
  } as const;
  source.set(KEY, row());
  source.set('default/full', row({ name: 'full', troubles: [trouble] }));
  const page = await open();
  await page.getByText('1 needs attention').waitFor();
  await page.getByRole('checkbox', { name: 'Only those that need attention' }).check();
  await page.getByRole('link', { name: 'shop' }).waitFor({ state: 'hidden' });
  await page.getByText('AtMaxReplicas: more').waitFor();
});

test.each(['', '#/default/shop'])(
  'at phone width nothing overflows and cells name their columns: /%s',
  async (place) => {
    const long = 'x'.repeat(120);
    const trouble = {
      type: 'Ready',
      status: 'False',
      reason: 'Long',
      message: long,
      since: '',
      trouble: true,
    } as const;
    const full = view({ troubles: [trouble], conditions: [trouble], version: long });
    source.set(KEY, row({ troubles: [trouble], version: long }), full);
    const page = await open(place, { viewport: { width: 360, height: 740 } });
    await page.getByText(long).first().waitFor();
    const [wide, seen] = await page.evaluate(() => {
      const { document } = globalThis as unknown as {
        document: { documentElement: { scrollWidth: number; clientWidth: number } };
      };
      return [document.documentElement.scrollWidth, document.documentElement.clientWidth];
    });
    expect(wide).toBe(seen);
    // With another layout they are still tables to screen readers.
    expect(await page.getByRole('rowheader').count()).toBeGreaterThan(0);
    expect(await page.getByRole('columnheader', { name: 'Pods ready' }).count()).toBe(1);
  },
);

test('the page follows the preferred colour scheme', async () => {
  const background = async (colorScheme: 'light' | 'dark') => {
    await using opened = await openPage(browser, `http://localhost:${port}/`, { colorScheme });
    const style = () => {
      const { getComputedStyle, document } = globalThis as unknown as {
        getComputedStyle: (element: unknown) => { backgroundColor: string };
        document: { body: unknown };
      };
      return getComputedStyle(document.body).backgroundColor;
    };
    return Math.max(...((await opened.page.evaluate(style)).match(/\d+/g) ?? []).map(Number));
  };
  expect(await background('light')).toBeGreaterThan(200);
  expect(await background('dark')).toBeLessThan(60);
});
