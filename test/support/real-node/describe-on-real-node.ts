import { describe } from 'vitest';
import { realNodesObstacle } from '../../../operator/testkit/index.ts';

/** Tests that need a real node. Where there can be none they are skipped, and their title says why. */
export function describeOnRealNode(title: string, body: () => void): void {
  const obstacle = realNodesObstacle();
  if (obstacle === undefined) describe(title, body);
  else describe.skip(`${title} (skipped: ${obstacle})`, body);
}
