/** What `npm start` uses as well: runs kubectl as a cluster's administrator. */
export { mustRunKubectl as kubectl } from '../../src/local/real/must-run-kubectl.ts';
