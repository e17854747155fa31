import type { KubeConfig } from '@kubernetes/client-node';
import { createOperator } from '../create-operator.ts';
import { abortable } from '../terminal/abortable.ts';
import type { Lifetime } from '../terminal/lifetime.ts';
import { OperatorLog } from './operator-log.ts';

/** How long the operator may take to read everything it needs, milliseconds. */
const SYNC_DEADLINE_MS = 60_000;

/** What the operator needs to be run here. */
export interface OperatorRun {
  kubeConfig: KubeConfig;
  /** Watch this namespace only. Default: all. */
  namespace?: string | undefined;
  /** Port of the dashboard. Default: none. */
  dashboardPort?: number | undefined;
  /** File of its log. */
  log: string;
  lifetime: Lifetime;
  /** Hears of what keeps it from starting. */
  say: (text: string) => void;
}

/** Runs the operator in this process; it is drained when the lifetime ends. @throws if it has not started in a minute */
export async function runOperator({
  kubeConfig,
  namespace,
  dashboardPort,
  log,
  lifetime,
  say,
}: OperatorRun): Promise<void> {
  const operatorLog = new OperatorLog(log, say);
  lifetime.onEnd('the log', () => operatorLog.close());
  const operator = createOperator({ kubeConfig, namespace, dashboardPort, logger: operatorLog.logger });
  lifetime.onEnd('the operator', () => operator.stop(), { worthTelling: true });
  const deadline = AbortSignal.timeout(SYNC_DEADLINE_MS);
  try {
    await abortable(operator.start(), AbortSignal.any([lifetime.signal, deadline]));
  } catch (error) {
    if (!deadline.aborted) throw error;
    const reason = operatorLog.lastProblem ?? `its log says why: ${log}`;
    throw new Error(`the operator could not read all it needs in ${SYNC_DEADLINE_MS / 1000} s: ${reason}`);
  }
}
