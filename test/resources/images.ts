const DIGEST = `sha256:${'a'.repeat(64)}`;

/** Images, and the pull policy that Kubernetes gives a new container with them. */
export const IMAGES = {
  shop: 'Always',
  'shop:latest': 'Always',
  'shop:1.0.0': 'IfNotPresent',
  'shop:latest-1': 'IfNotPresent',
  'localhost:5000/shop': 'Always',
  'localhost:5000/shop:latest': 'Always',
  'localhost:5000/team/shop:1': 'IfNotPresent',
  [`shop@${DIGEST}`]: 'IfNotPresent',
  [`localhost:5000/shop@${DIGEST}`]: 'IfNotPresent',
  [`shop:1@${DIGEST}`]: 'IfNotPresent',
  [`shop:latest@${DIGEST}`]: 'Always',
} as const;
