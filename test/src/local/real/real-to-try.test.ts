import { expect, test } from 'vitest';
import { realToTry } from '../../../../src/local/real/real-to-try.ts';
import { SHOP_VERSIONS } from '../../../../src/tools/image/shop-versions.ts';

const lines = realToTry({
  url: 'http://localhost:4000',
  kubeconfig: '/tmp/a b/config',
  kubectl: '/cache/kubectl',
  nodes: [{ name: 'real-1', pid: 4711 }],
});

test('names the address, and exports what the tour uses', () => {
  expect(lines[0]).toBe('The shop: http://localhost:4000');
  expect(lines).toContain("  export KUBECONFIG='/tmp/a b/config' SHOP=http://localhost:4000 REAL_1=4711");
  expect(lines).toContain('  kill -9 $REAL_1   # the node real-1 loses its power');
});

test('has a command for each version but the first, with the fault of a faulty one', () => {
  for (const { version, fault } of SHOP_VERSIONS.slice(1)) {
    const patch = `/cache/kubectl patch restapi shop --type=merge -p '{"spec":{"image":"registry.example.com/shop:${version}"}}'`;
    expect(lines).toContain(`  ${patch}${fault ? `   # ${fault}` : ''}`);
  }
});
