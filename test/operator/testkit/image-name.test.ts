import { expect, test } from 'vitest';
import { fullImageName } from '../../../operator/testkit/image-name.ts';

test.each([
  ['shop', 'docker.io/library/shop:latest'],
  ['shop:1.0.0', 'docker.io/library/shop:1.0.0'],
  ['team/shop:1.0.0', 'docker.io/team/shop:1.0.0'],
  ['localhost/shop', 'localhost/shop:latest'],
  ['registry.example.com/team/shop:1', 'registry.example.com/team/shop:1'],
  ['registry:5000/shop', 'registry:5000/shop:latest'],
  ['docker.io/library/shop:1', 'docker.io/library/shop:1'],
])('%s is %s', (name, full) => {
  expect(fullImageName(name)).toBe(full);
});

test.each(['', 'Shop', 'shop:', 'shop:1:2', 'shop@sha256:0', '/shop', 'shop/', 'a b', 'shop:-1'])(
  '%j is refused',
  (name) => {
    expect(() => fullImageName(name)).toThrow(/is not an image name such as shop:1\.0\.0/);
  },
);
