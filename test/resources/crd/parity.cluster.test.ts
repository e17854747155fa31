import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { validateResource } from '../../../operator/index.ts';
import { RestAPI } from '../../../resources/index.ts';
import { junk, mostly, spec } from './arbitrary.ts';
import { Server, sample } from './server.ts';

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(() => server?.stop());

const name = fc.oneof(
  { weight: 20, arbitrary: fc.constant('shop') },
  fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,45}[a-z0-9])?$/),
);

const verdicts = { good: 0, bad: 0 };

test('operator and API server accept and reject the same random objects', async () => {
  const property = fc.asyncProperty(name, mostly(spec, junk), async (called, any) => {
    const object = sample(called, any);
    const answer = await server.tryCreate(object, 'fieldValidation=Ignore');
    verdicts[answer.accepted ? 'good' : 'bad']++;
    const errors = validateResource(RestAPI, object);
    expect({ accepted: errors.length === 0, errors, message: answer.message }).toMatchObject({
      accepted: answer.accepted,
    });
  });
  await fc.assert(property, { numRuns: 300 });
  // Both outcomes occur often enough for the test to be meaningful.
  expect(verdicts.good).toBeGreaterThan(10);
  expect(verdicts.bad).toBeGreaterThan(10);
});
