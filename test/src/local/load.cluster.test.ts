import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { kubectlOf } from './start-kubectl.ts';
import { StartProcess } from './start-process.ts';

test('--load: pods of the sample go up with the load and come down again; forecast and recommendation are there', async () => {
  await using start = await StartProcess.run(['--load', '--day-seconds=120']);
  await start.says(/Press Ctrl-C/, 120_000);
  expect(start.output).toContain('get hpa -w');
  const kubectl = await kubectlOf(start);
  const wanted = (component: string) =>
    Number(kubectl('get', 'hpa', `shop-${component}`, '-o', 'jsonpath={.status.desiredReplicas}'));
  const patience = { timeoutMs: 120_000 };
  await eventually(() => wanted('view') >= 4, { ...patience, what: 'four pods of the view' });
  await eventually(() => wanted('view') === 2, { ...patience, what: 'two pods of the view at night' });
  const status = (path: string) => kubectl('get', 'restapi', 'shop', '-o', `jsonpath={.status.${path}}`);
  const forecast = 'components[?(@.name=="controller")].scaling.forecast';
  await eventually(() => Number(status(`${forecast}.minReplicas`)) >= 5, {
    ...patience,
    what: 'the forecast of the sale',
  });
  expect(status(`${forecast}.reliable`)).toBe('true');
  // CPU is recommended only where no autoscaler uses it.
  const recommended = 'components[?(@.name=="repository")].recommended.cpu';
  await eventually(() => status(recommended) !== '', {
    ...patience,
    what: 'the recommended requests',
  });
  start.kill('SIGINT');
  expect(await start.exit(), start.output).toBe(0);
  expect(start.leftovers()).toEqual([]);
}, 420_000);
