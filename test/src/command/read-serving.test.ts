import { expect, test } from 'vitest';
import { OPERATOR_FLAGS } from '../../../src/command/operator-flags.ts';
import { readServing } from '../../../src/command/read-serving.ts';
import { ArgumentError } from '../../../src/terminal/argument-error.ts';
import { readFlags } from '../../../src/terminal/flag-table.ts';

const read = (...args: string[]) => readServing(readFlags(OPERATOR_FLAGS, args, {}));
const FILES = ['--tls-cert-file=a.crt', '--tls-private-key-file=a.key'];
const certificate = { certFile: 'a.crt', keyFile: 'a.key' };

test('without flags nothing is protected or exposed', () => {
  expect(read('--metrics-address=:8080', '--dashboard-port=8090')).toEqual({});
});

test('metrics and dashboard are protected, with a self-signed certificate or that of the files', () => {
  const both = ['--metrics-address=:8080', '--metrics-secure', '--dashboard-address=:8443'];
  expect(read(...both)).toEqual({ secureMetrics: {}, exposedDashboard: { address: ':8443' } });
  expect(read(...both, ...FILES)).toEqual({
    secureMetrics: { certificate },
    exposedDashboard: { address: ':8443', certificate },
  });
});

test.each([
  [['--metrics-secure'], '--metrics-secure needs --metrics-address'],
  [['--metrics-address=:8080', ...FILES], '--tls-cert-file needs --metrics-secure or --dashboard-address'],
  [
    ['--dashboard-address=:8443', '--tls-cert-file=a.crt'],
    '--tls-cert-file and --tls-private-key-file need each other',
  ],
  [
    ['--dashboard-address=:8443', '--tls-private-key-file=a.key'],
    '--tls-cert-file and --tls-private-key-file need each other',
  ],
])('%j is refused', (args, message) => {
  expect(() => read(...args)).toThrow(ArgumentError);
  expect(() => read(...args)).toThrow(message);
});
