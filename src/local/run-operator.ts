import type { KubeConfig } from '@kubernetes/client-node';
import { abortable } from '../../operator/async/abortable.ts';
import { createOperator, HASH_KEY_SECRET } from '../create-operator.ts';
import type { Lifetime } from '../terminal/lifetime.ts';
import { OperatorLog } from './operator-log.ts';

/** How long the operator may take to fill its caches, in milliseconds. */
const SYNC_DEADLINE_MS = 60_000;

/** Parameters of runOperator. */
export interface OperatorRun {
  kubeConfig: KubeConfig;
  /** Watch this namespace only. Default: all. */
  namespace?: string | undefined;
  /** Port of the dashboard. Default: none. */
  dashboardPort?: number | undefined;
  /** Prometheus server with the load of the past. Default: none. */
  prometheusUrl?: string | undefined;
  /** Whether the pods are simulated, so that no check may send requests to their addresses. */
  simulated?: boolean;
  /** Path of its log file. */
  log: string;
  lifetime: Lifetime;
  /** Called with each problem that delays the start. */
  report: (text: string) => void;
}

/** Runs the operator in this process until the lifetime ends. @throws if it has not started within a minute */
export async function runOperator({
  kubeConfig,
  namespace,
  dashboardPort,
  prometheusUrl,
  simulated = false,
  log,
  lifetime,
  report,
}: OperatorRun): Promise<void> {
  const operatorLog = new OperatorLog(log, report);
  lifetime.onEnd('the log', () => operatorLog.close());
  const operator = createOperator({
    kubeConfig,
    ...(namespace !== undefined && { namespaces: [namespace] }),
    dashboardPort,
    scaling: { prometheusUrl },
    ...(simulated && { checks: { route: 'none' as const } }),
    // The cluster need not have the namespace of an installed operator.
    hashKey: { namespace: namespace ?? 'default', name: HASH_KEY_SECRET },
    logger: operatorLog.logger,
  });
  lifetime.onEnd('the operator', () => operator.stop(), { reported: true });
  const deadline = AbortSignal.timeout(SYNC_DEADLINE_MS);
  try {
    await abortable(operator.start(), AbortSignal.any([lifetime.signal, deadline]));
  } catch (error) {
    if (!deadline.aborted) throw error;
    const reason = operatorLog.lastProblem ?? `see its log, ${log}`;
    throw new Error(`the operator did not start within ${SYNC_DEADLINE_MS / 1000} s: ${reason}`);
  }
}
