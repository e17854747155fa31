import { expect, test } from 'vitest';
import { OPERATOR_FLAGS, OPERATOR_USAGE } from '../../../src/command/operator-flags.ts';
import { ArgumentError } from '../../../src/terminal/argument-error.ts';
import { flagDefault, readFlags } from '../../../src/terminal/flag-table.ts';

test('a flag takes precedence over its environment variable, and that over the default', () => {
  const read = (args: string[], env: NodeJS.ProcessEnv) => readFlags(OPERATOR_FLAGS, args, env)['lease-namespace'];
  expect(read([], {})).toBe('restapi-system');
  expect(read([], { POD_NAMESPACE: 'a' })).toBe('a');
  expect(read(['--lease-namespace=b'], { POD_NAMESPACE: 'a' })).toBe('b');
});

test('missing flags are false, undefined or their default', () => {
  const flags = readFlags(OPERATOR_FLAGS, [], {});
  expect(flags).toMatchObject({ 'leader-elect': false, help: false, 'log-level': 'info' });
  expect(flags.namespaces).toBeUndefined();
  expect(flags['dashboard-port']).toBeUndefined();
});

test.each([[['--nope']], [['--namespaces']], [['argument']]])('refuses %j', (args) => {
  expect(() => readFlags(OPERATOR_FLAGS, args, {})).toThrow(ArgumentError);
});

test('the usage lists every flag with its default', () => {
  for (const [name, flag] of Object.entries(OPERATOR_FLAGS)) {
    expect(OPERATOR_USAGE).toContain(`--${name} `);
    expect(OPERATOR_USAGE).toContain(flagDefault(flag) ?? flag.help);
  }
});
