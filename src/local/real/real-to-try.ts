import { join } from 'node:path';
import { packageRoot } from '../../package/package-root.ts';
import { SHOP_IMAGE, SHOP_VERSIONS } from '../../tools/image/shop-versions.ts';
import { quoteForShell } from '../to-try.ts';

/** Runs without `npm link`. */
const PLUGIN = join(packageRoot(), 'dist', 'src', 'cli', 'kubectl-restapi.js');

/** How to reach the shop and its cluster. */
export interface RealPlayground {
  /** Address of the shop's page on this machine. */
  url: string;
  kubeconfig: string;
  kubectl: string;
  /** Nodes that may be lost. `pid`: their process 1. */
  nodes: readonly { name: string; pid: number }[];
}

/** Commands to try in another terminal with real pods, as lines. */
export function realToTry({ url, kubeconfig, kubectl, nodes }: RealPlayground): string[] {
  const run = quoteForShell(kubectl);
  const release = (version: string) => {
    const patch = JSON.stringify({ spec: { image: `${SHOP_IMAGE}:${version}` } });
    return `  ${run} patch restapi shop --type=merge -p ${quoteForShell(patch)}`;
  };
  const faulty = SHOP_VERSIONS.filter(({ fault }) => fault !== undefined);
  return [
    `The shop: ${url}`,
    '',
    'Try in another terminal:',
    `  export KUBECONFIG=${quoteForShell(kubeconfig)} SHOP=${url}${nodes.map((node) => ` ${variableOf(node)}=${node.pid}`).join('')}`,
    '  while sleep 0.5; do curl -s $SHOP/version; done   # which version answers',
    release('2.0.0'),
    `  ${quoteForShell(PLUGIN)} rollback shop --wait   # back to 1.0.0`,
    ...faulty.map(({ version, fault }) => `${release(version)}   # ${fault}`),
    `  ${run} delete pod -n restapi-system -l app.kubernetes.io/name=restapi-operator   # the shop goes on`,
    ...nodes.map((node) => `  kill -9 $${variableOf(node)}   # the node ${node.name} loses its power`),
    `  ${run} logs -n restapi-system deployment/restapi-operator -f   # the log of the operator`,
  ];
}

/** `real-1` as the name of a shell variable. */
function variableOf({ name }: { name: string }): string {
  return name.toUpperCase().replaceAll('-', '_');
}
