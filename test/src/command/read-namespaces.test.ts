import { expect, test } from 'vitest';
import { OPERATOR_FLAGS } from '../../../src/command/operator-flags.ts';
import { readNamespaces } from '../../../src/command/read-namespaces.ts';
import { readServedNamespaces } from '../../../src/command/read-served-namespaces.ts';
import { ArgumentError } from '../../../src/terminal/argument-error.ts';
import { readFlags } from '../../../src/terminal/flag-table.ts';

const FLAG = 'prometheus-namespaces';
const read = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  readNamespaces(FLAG, readFlags(OPERATOR_FLAGS, args, env)[FLAG]);

test('Prometheus is in the namespace monitoring, unless the flag or its variable names others', () => {
  expect(read([])).toEqual(['monitoring']);
  expect(read([], { PROMETHEUS_NAMESPACES: 'a, b-1,' })).toEqual(['a', 'b-1']);
  expect(read([`--${FLAG}=c`], { PROMETHEUS_NAMESPACES: 'a' })).toEqual(['c']);
  expect(read([`--${FLAG}=`])).toEqual([]);
});

test.each(['*', 'a b', 'A', '-a', 'a.b', 'a'.repeat(64)])('%j is not a namespace', (text) => {
  expect(() => readNamespaces(FLAG, `ok,${text}`)).toThrow(ArgumentError);
  expect(() => readNamespaces(FLAG, `ok,${text}`)).toThrow(`--${FLAG}: "${text}" is not the name of a namespace`);
});

test('the operator watches all namespaces, unless a flag, given once or more often, or its variable names some', () => {
  const served = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    readServedNamespaces(readFlags(OPERATOR_FLAGS, args, env).namespaces);
  expect(served([])).toBeUndefined();
  expect(served(['--namespaces=a,b'])).toEqual(['a', 'b']);
  expect(served(['--namespaces=a', '--namespaces', 'b,c'], { NAMESPACES: 'd' })).toEqual(['a', 'b', 'c']);
  expect(served([], { NAMESPACES: 'd, e' })).toEqual(['d', 'e']);
  expect(() => served(['--namespaces=a,B'])).toThrow('--namespaces: "B" is not the name of a namespace');
});

test.each([
  [['--namespaces='], {}],
  [['--namespaces=,'], {}],
  [[], { NAMESPACES: '' }],
])('an empty list, %j %j, does not widen what the operator watches', (args, env) => {
  expect(() => readServedNamespaces(readFlags(OPERATOR_FLAGS, args, env).namespaces)).toThrow(ArgumentError);
});
