import { expect, test } from 'vitest';
import { ArgumentError, readArguments } from '../../src/terminal/arguments.ts';

test.each<[string[], object]>([
  [[], { mode: 'local', once: false }],
  [['--once'], { mode: 'local', once: true }],
  [['--help', '--once'], { mode: 'help' }],
  [['--dashboard-port', '8090'], { mode: 'local', once: false, dashboardPort: 8090 }],
  [['--context', 'a'], { mode: 'context', context: 'a', installCrd: false }],
  [
    ['--context=a', '--kubeconfig', 'f', '--namespace', 'n', '--install-crd'],
    { mode: 'context', context: 'a', kubeconfig: 'f', namespace: 'n', installCrd: true },
  ],
])('%j', (args, expected) => {
  expect(readArguments(args, {})).toEqual(expected);
});

test.each<[string[], RegExp]>([
  [['--onse'], /--onse/],
  [['--dashboard-port', 'x'], /x is no port for the dashboard/],
  [['--dashboard-port', '70000'], /70000 is no port/],
  [['shop'], /shop/],
  [['--context'], /--context/],
  [['--context', ''], /needs the name of a context/],
  [['--context', 'a', '--once'], /leave out --context/],
  [['--namespace', 'n'], /--namespace is for a cluster of yours/],
  [['--install-crd'], /--install-crd is for a cluster of yours/],
])('%j is refused', (args, message) => {
  expect(() => readArguments(args, {})).toThrow(ArgumentError);
  expect(() => readArguments(args, {})).toThrow(message);
});

test('options that npm has kept to itself are not overlooked', () => {
  expect(() => readArguments(['mine'], { npm_config_context: 'true' })).toThrow(/npm start -- --context/);
  expect(() => readArguments([], { npm_config_install_crd: 'true' })).toThrow(/npm start -- --install-crd/);
  expect(() => readArguments([], { npm_config_dashboard_port: 'true' })).toThrow(/npm start -- --dashboard-port/);
  expect(readArguments(['--once'], { npm_config_once: 'true' })).toEqual({ mode: 'local', once: true });
});
