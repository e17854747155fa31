// A program for leftovers.test.ts to kill: starts a cluster in the given folder, prints its location, and keeps running.
import { startControlPlane } from '../../../operator/testkit/index.ts';

const cluster = await startControlPlane({ dir: process.argv[2] ?? '', realNodes: Number(process.argv[4] ?? 0) });
process.stdout.write(`${JSON.stringify({ dir: cluster.dir, pids: cluster.pids })}\n`);
if (process.argv[3] === 'throw') throw new Error('a test that fails without a stop()');
if (process.argv[3] !== 'end') setInterval(() => {}, 1000);
