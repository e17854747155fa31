import { expect, test } from 'vitest';
import { realNodesObstacle } from '../../../../operator/testkit/node/machine.ts';
import { realObstacleText } from '../../../../src/local/real/obstacle.ts';

test('without the needed programs, says which are missing and what works instead', () => {
  const obstacle = realNodesObstacle({ PATH: '/nowhere' }) ?? '';
  expect(realObstacleText(obstacle)).toBe(
    `--real cannot run containers here: ${obstacle}.\nFor the same with simulated pods, which need none of this:\n  npm start`,
  );
  expect(obstacle).toMatch(/needs? |need Linux|missing: install|root/);
});
