import { SHOP_IMAGE, type ShopVersion } from '../../../src/tools/image/shop-versions.ts';

/** A version, and how long its release is watched. */
export interface VersionCase extends ShopVersion {
  /** Completes `a version that …`. */
  name: string;
  watchSeconds: number;
}

/** What versions do wrong, and how long it is watched: until every one of them has shown it, and what was done about it. */
export const FAULTY_CASES: readonly VersionCase[] = [
  { name: 'never starts', version: '2.0.0-unready', env: { READY_AFTER_SECONDS: '3600' }, watchSeconds: 40 },
  { name: 'dies after 8 s', version: '2.0.0-crashes', env: { CRASH_AFTER_SECONDS: '8' }, watchSeconds: 60 },
  { name: 'leaks memory', version: '2.0.0-leaks', env: { LEAK_MIB_PER_SECOND: '8' }, watchSeconds: 60 },
  { name: 'hangs after 8 s', version: '2.0.0-hangs', env: { HANG_AFTER_SECONDS: '8' }, watchSeconds: 60 },
  { name: 'answers 500', version: '2.0.0-fails', env: { FAIL_PERCENT: '30' }, watchSeconds: 40 },
];

/** Requests per second, by lane. */
export const LANES = { 'new-get': 20, 'kept-get': 20, 'kept-post': 10 };

/** How the RestAPI releases them. */
export const BLUE_GREEN = {
  enabled: true,
  progressDeadlineSeconds: 30,
  scaleDownDelaySeconds: 5,
  prePromotion: [
    { name: 'products', http: { path: '/api/products', component: 'view' }, successes: 10, intervalSeconds: 1 },
  ],
};

/** The image of a version of the shop. */
export function image(version: string): string {
  return `${SHOP_IMAGE}:${version}`;
}
