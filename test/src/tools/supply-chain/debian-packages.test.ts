import { expect, test } from 'vitest';
import { parseOwners, parsePackages } from '../../../../src/tools/supply-chain/debian-packages.ts';

test('the output of dpkg-query names the packages of files', () => {
  const output = [
    'diversion by dash from: /bin/sh',
    'libc6:amd64: /lib/x86_64-linux-gnu/libc.so.6',
    'libstdc++6:amd64: /usr/lib/x86_64-linux-gnu/libstdc++.so.6',
    'tzdata: /usr/share/zoneinfo/UTC',
    '',
  ].join('\n');
  expect([...parseOwners(output)]).toEqual([
    ['/lib/x86_64-linux-gnu/libc.so.6', 'libc6:amd64'],
    ['/usr/lib/x86_64-linux-gnu/libstdc++.so.6', 'libstdc++6:amd64'],
    ['/usr/share/zoneinfo/UTC', 'tzdata'],
  ]);
});

test('package URLs name version, architecture, distribution and source package', () => {
  const output = 'libc6\t2.36-9+deb12u14\tamd64\tglibc\nbase-files\t1:12.4\tall\tbase-files\n';
  expect(parsePackages(output, 'debian-12').map(({ purl }) => purl)).toEqual([
    'pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12&upstream=glibc',
    'pkg:deb/debian/base-files@1%3A12.4?arch=all&distro=debian-12',
  ]);
});
