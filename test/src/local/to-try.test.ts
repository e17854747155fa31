import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quoteForShell, toTry, toWatch } from '../../../src/local/to-try.ts';

test('prints commands for the sample', () => {
  const sample = { namespace: 'default', name: 'shop', image: 'host:5000/shop:1.0.0' };
  expect(toTry({ sample, kubeconfig: '/tmp/a b/config', kubectl: 'kubectl' })).toEqual([
    'Try in another terminal:',
    "  export KUBECONFIG='/tmp/a b/config'",
    '  kubectl get restapi shop -w',
    `  kubectl patch restapi shop --type=merge -p '{"spec":{"image":"host:5000/shop:2.0.0"}}'`,
    '  kubectl delete deployment shop-view   # the operator creates it again',
  ]);
});

test('prints how to watch the load', () => {
  const sample = { namespace: 'other', name: 'shop', image: 'shop:1' };
  const lines = toWatch({ sample, kubeconfig: 'k', kubectl: '/cache/kubectl' }, 90);
  expect(lines[0]).toContain('passes in 90 s');
  expect(lines.filter((line) => line.startsWith('  /cache/kubectl '))).toHaveLength(4);
  for (const line of lines.slice(1, 5)) expect(line).toContain(' -n other');
});

test.each([
  ['host:5000/shop', 'host:5000/shop:2.0.0'],
  ['shop@sha256:abc', 'shop:2.0.0'],
  ['shop:1@sha256:abc', 'shop:2.0.0'],
])('the new image for %s is %s', (image, expected) => {
  const sample = { namespace: 'other', name: 'shop', image };
  const patch = toTry({ sample, kubeconfig: 'k', kubectl: '/cache/kubectl' })[3];
  expect(patch).toBe(`  /cache/kubectl patch restapi shop -n other --type=merge -p '{"spec":{"image":"${expected}"}}'`);
});

test.each(['plain', 'with blank', "it's", '$HOME `x` "y" \\', '', '*'])('a shell reads back %j', (text) => {
  expect(execFileSync('sh', ['-c', `printf %s ${quoteForShell(text)}`], { encoding: 'utf8' })).toBe(text);
});
