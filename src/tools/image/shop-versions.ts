/** Name of the shop's images, as in examples/shop/restapi.yaml. */
export const SHOP_IMAGE = 'registry.example.com/shop';

/** A version of the shop. Versions have the same program and differ in the environment variables of their image. */
export interface ShopVersion {
  /** Tag of the image, and what the pages show. */
  version: string;
  /** The fault that it plays, for people. */
  fault?: string;
  /** Variables that play the fault: see examples/shop/src/settings.ts. */
  env?: Readonly<Record<string, string>>;
}

/** The versions that `npm start -- --real` has images of: good ones first, then faulty ones. */
export const SHOP_VERSIONS: readonly ShopVersion[] = [
  { version: '1.0.0' },
  { version: '2.0.0' },
  {
    version: '3.0.0-crashes',
    fault: 'each controller crashes 3 s after its start',
    env: { FAULTY_COMPONENT: 'controller', CRASH_AFTER_SECONDS: '3' },
  },
  {
    version: '4.0.0-errors',
    fault: 'the model answers half of the requests with 500',
    env: { FAULTY_COMPONENT: 'model', FAIL_PERCENT: '50' },
  },
  {
    version: '5.0.0-dies-later',
    fault: 'each controller works, and crashes 45 s after its start',
    env: { FAULTY_COMPONENT: 'controller', CRASH_AFTER_SECONDS: '45' },
  },
];
