import type { RealNode } from '../../../operator/testkit/index.ts';
import { LoadProcess } from '../../support/load/load-process.ts';

/** An order that can be placed any number of times. */
const ORDER = JSON.stringify({ product: 'voucher', quantity: 1, customer: 'Load' });

export interface ShopLoad {
  /** `host:port` in the nodes' network. */
  target: string;
  /** Requests per second, by lane. See test/support/load/load-arguments.ts. */
  lanes: Record<string, number>;
  /** Path of GET requests. Default: products, which all four components take part in. */
  path?: string;
  seconds?: number;
  timeoutMs?: number;
}

/** Starts a load on a shop from within a node, as a client of the cluster: pages that need all four components, and orders. */
export function startShopLoad(
  node: RealNode,
  { target, lanes, path = '/api/products', seconds = 3_600, timeoutMs = 10_000 }: ShopLoad,
): Promise<LoadProcess> {
  const args = [
    `--url=http://${target}${path}`,
    '--post-path=/api/orders',
    `--post-body=${ORDER}`,
    `--lanes=${Object.entries(lanes)
      .map(([name, rate]) => `${name}=${rate}`)
      .join(',')}`,
    `--seconds=${seconds}`,
    `--timeout-ms=${timeoutMs}`,
    '--retry=refused',
  ];
  return LoadProcess.start(args, ['nsenter', `--net=/proc/${node.pid}/ns/net`, '--']);
}
