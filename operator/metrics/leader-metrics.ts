import { Counter, Gauge, type Registry } from 'prom-client';

/** What the metrics of an election are read from when somebody scrapes. */
export interface ElectionState {
  /** The term this process leads in, undefined if it does not lead. */
  readonly term: number | undefined;
  /** Milliseconds since the last renewal that succeeded was sent; undefined if this process does not lead. */
  readonly sinceRenewalMs: number | undefined;
  /** How many renewals have failed so far. */
  readonly renewFailures: number;
}

/** Registers the metrics of an election; an operator without one has none of them. */
export function showElection(registry: Registry, election: ElectionState): void {
  new Gauge({
    name: 'operator_leader_term',
    help: 'Leadership term of this operator (leaseTransitions of its Lease); 0 while it is a standby. Only with leader election.',
    registers: [registry],
    collect() {
      this.set(election.term ?? 0);
    },
  });
  new Gauge({
    name: 'operator_leader_seconds_since_renewal',
    help: 'Time since the last successful renewal of the Lease was sent, in seconds; 0 while this operator is a standby. Only with leader election.',
    registers: [registry],
    collect() {
      this.set((election.sinceRenewalMs ?? 0) / 1000);
    },
  });
  new Counter({
    name: 'operator_leader_renew_failures_total',
    help: 'Failed renewals of the Lease, conflicts included. Only with leader election.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(election.renewFailures);
    },
  });
}
