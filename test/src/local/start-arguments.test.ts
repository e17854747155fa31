import { expect, test } from 'vitest';
import { readStartArguments } from '../../../src/local/start-arguments.ts';
import { ArgumentError } from '../../../src/terminal/argument-error.ts';

test.each<[string[], object]>([
  [[], { mode: 'local', once: false }],
  [['--once'], { mode: 'local', once: true }],
  [['--real'], { mode: 'real', once: false, nodes: 1 }],
  [['--real', '--once', '--nodes', '2'], { mode: 'real', once: true, nodes: 2 }],
  [['--help', '--once'], { mode: 'help' }],
  [['--dashboard-port', '8090'], { mode: 'local', once: false, dashboardPort: 8090 }],
  [['--load'], { mode: 'local', once: false, daySeconds: 300 }],
  [['--load', '--day-seconds=90'], { mode: 'local', once: false, daySeconds: 90 }],
  [['--context', 'a'], { mode: 'context', context: 'a', installCrd: false }],
  [
    ['--context=a', '--kubeconfig', 'f', '--namespace', 'n', '--install-crd'],
    { mode: 'context', context: 'a', kubeconfig: 'f', namespace: 'n', installCrd: true },
  ],
])('%j', (args, expected) => {
  expect(readStartArguments(args, {})).toEqual(expected);
});

test.each<[string[], RegExp]>([
  [['--onse'], /--onse/],
  [['--dashboard-port', 'x'], /"x" is not a valid dashboard port/],
  [['--dashboard-port', '70000'], /"70000" is not a valid dashboard port/],
  [['shop'], /shop/],
  [['--context'], /--context/],
  [['--context', ''], /requires the name of a context/],
  [['--context', 'a', '--once'], /remove --context/],
  [['--context', 'a', '--load'], /--load is for the local cluster and its sample: remove --context/],
  [['--day-seconds', '90'], /--day-seconds requires --load/],
  [['--load', '--day-seconds', '59'], /"59" is not a number from 60 to 86400/],
  [['--load', '--real'], /--load plays the load of simulated pods: remove --real/],
  [['--context', 'a', '--real'], /--real is for the local cluster: remove --context/],
  [['--context', 'a', '--nodes', '2'], /--nodes is for the local cluster: remove --context/],
  [['--nodes', '2'], /--nodes requires --real/],
  [['--real', '--nodes', '0'], /--nodes 0 is not a number of nodes: use 1 to 9/],
  [['--real', '--dashboard-port', '8090'], /--dashboard-port does not work with --real/],
  [['--namespace', 'n'], /--namespace requires --context NAME/],
  [['--install-crd'], /--install-crd requires --context NAME/],
])('refuses %j', (args, message) => {
  expect(() => readStartArguments(args, {})).toThrow(ArgumentError);
  expect(() => readStartArguments(args, {})).toThrow(message);
});

test('refuses flags that npm has consumed', () => {
  expect(() => readStartArguments(['mine'], { npm_config_context: 'true' })).toThrow(/npm start -- --context/);
  expect(() => readStartArguments([], { npm_config_install_crd: 'true' })).toThrow(/npm start -- --install-crd/);
  expect(() => readStartArguments([], { npm_config_dashboard_port: 'true' })).toThrow(/npm start -- --dashboard-port/);
  expect(() => readStartArguments([], { npm_config_real: 'true' })).toThrow(/npm start -- --real/);
  expect(readStartArguments(['--once'], { npm_config_once: 'true' })).toEqual({ mode: 'local', once: true });
});
