import { realNodesObstacle } from '../../../operator/testkit/node/machine.ts';

/** Returns why `npm start -- --real` cannot work here, and what works instead. @param obstacle as of `realNodesObstacle()` */
export function realObstacleText(obstacle: string): string {
  return `--real cannot run containers here: ${obstacle}.\nFor the same with simulated pods, which need none of this:\n  npm start`;
}

/** @throws Error when this machine cannot run a real node */
export function refuseWithoutRealNodes(): void {
  const obstacle = realNodesObstacle();
  if (obstacle !== undefined) throw new Error(realObstacleText(obstacle));
}
