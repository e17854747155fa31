import type { LiveTable } from '../live-table/live-table.ts';
import type { Sample } from './sample.ts';

/** How long the sample may take to become ready, in milliseconds. It usually takes 2 s, with real pods 10 s. */
const READY_DEADLINE_MS = 120_000;

/** Waits until the sample is ready. @throws Error after two minutes, with its status; the signal's reason when it aborts */
export async function readyInTime(table: LiveTable, { namespace, name }: Sample, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(READY_DEADLINE_MS);
  try {
    await table.ready(namespace, name, AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error;
    const why = table.messageOf(namespace, name) ?? 'the operator has not reconciled it';
    throw new Error(`RestAPI ${namespace}/${name} is not ready after ${READY_DEADLINE_MS / 1000} s: ${why}`);
  }
}
