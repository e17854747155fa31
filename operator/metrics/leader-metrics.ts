import { Counter, Gauge, type Registry } from 'prom-client';

/** The state of an election, read at each scrape. */
export interface ElectionState {
  /** The term this process leads in, undefined on a standby. */
  readonly term: number | undefined;
  /** Milliseconds since the last successful renewal was sent; undefined on a standby. */
  readonly sinceRenewalMs: number | undefined;
  /** Failed renewals so far. */
  readonly renewFailures: number;
}

/** Registers the metrics of an election. An operator without one has none of them. */
export function registerElectionMetrics(registry: Registry, election: ElectionState): void {
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
