import { parseArgs } from 'node:util';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { playStorm } from './storm.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, restapis: { type: 'string', default: '20' } },
});
const minutes = Number(values.minutes);
const restApis = Number(values.restapis);
const budget = { stuckSeconds: 20, windowSeconds: 120, maxActions: 3 };

console.log(`A storm of ${minutes} minutes over ${restApis} RestAPIs of 8 pods; each may be healed by`, budget);
const world = await OperatorCluster.start({ kwokNodes: 4 });
try {
  await world.startOperator();
  const figures = await playStorm(world, { seconds: minutes * 60, restApis, budget });
  console.table(figures);
  const kept =
    figures.mostInWindow <= budget.maxActions &&
    figures.mostInMinute <= 3 &&
    figures.inOutage + figures.withoutNodes === 0;
  console.log(kept ? 'Healing kept to its budget' : 'Healing did NOT keep to its budget');
  process.exitCode = kept ? 0 : 1;
} finally {
  await world[Symbol.asyncDispose]();
}
