import type { ExposedDashboard, SecureServing } from '../../operator/index.ts';
import { ArgumentError } from '../terminal/argument-error.ts';
import type { ReadFlags } from '../terminal/flag-table.ts';
import type { OPERATOR_FLAGS } from './operator-flags.ts';

/** How metrics and dashboard are protected. */
export interface Serving {
  secureMetrics?: SecureServing;
  exposedDashboard?: ExposedDashboard;
}

/** Reads the flags about endpoints that need a token. @throws ArgumentError for flags that have no effect without another one */
export function readServing(flags: ReadFlags<typeof OPERATOR_FLAGS>): Serving {
  const { 'tls-cert-file': certFile, 'tls-private-key-file': keyFile } = flags;
  const { 'metrics-secure': secure, 'metrics-address': metrics, 'dashboard-address': address } = flags;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new ArgumentError('--tls-cert-file and --tls-private-key-file need each other');
  }
  if (secure && !metrics) throw new ArgumentError('--metrics-secure needs --metrics-address');
  if (certFile !== undefined && !secure && address === undefined) {
    throw new ArgumentError('--tls-cert-file needs --metrics-secure or --dashboard-address');
  }
  const serving: SecureServing =
    certFile !== undefined && keyFile !== undefined ? { certificate: { certFile, keyFile } } : {};
  return {
    ...(secure && { secureMetrics: serving }),
    ...(address !== undefined && { exposedDashboard: { address, ...serving } }),
  };
}
