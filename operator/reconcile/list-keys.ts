/**
 * The fields that identify an element of a list, where server-side apply merges the list element by element
 * (`x-kubernetes-list-map-keys`). Lists not named here are atomic: they have one owner and differ as a whole.
 * Source: the markers in k8s.io/api types, as published in the API server's OpenAPI document.
 */
const KEYS: Record<string, readonly string[]> = {
  conditions: ['type'],
  containers: ['name'],
  env: ['name'],
  ephemeralContainers: ['name'],
  hostAliases: ['ip'],
  imagePullSecrets: ['name'],
  initContainers: ['name'],
  ownerReferences: ['uid'],
  resourceClaims: ['name'],
  schedulingGates: ['name'],
  secrets: ['name'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  volumeDevices: ['devicePath'],
  volumeMounts: ['mountPath'],
  volumes: ['name'],
};

/** Values the API server fills in for key fields that are left out, and under which the element is then stored. */
const KEY_DEFAULTS: Record<string, string> = { protocol: 'TCP' };

/** Lists of which every value is an element of its own (`x-kubernetes-list-type: set`). */
export const SET_LISTS: ReadonlySet<string> = new Set(['finalizers']);

/** Maps that have one owner and differ as a whole (`x-kubernetes-map-type: atomic`): an added key is a difference too. */
export const ATOMIC_MAPS: ReadonlySet<string> = new Set([
  'labelSelector',
  'namespaceSelector',
  'nodeSelector',
  'podSelector',
  'selector',
]);

/** The key fields of the list in field `name`, judged by its name and its first element; undefined: the list is atomic. */
export function listKeysOf(name: string, sample: unknown): readonly string[] | undefined {
  if (name === 'ports' && typeof sample === 'object' && sample !== null) {
    if ('containerPort' in sample) return ['containerPort', 'protocol'];
    // A Service's ports; a NetworkPolicy's have a port too but live in an atomic list and are compared in order.
    if ('port' in sample && 'targetPort' in sample) return ['port', 'protocol'];
  }
  return KEYS[name];
}

/** What identifies `element` in a list with these key fields, as text. */
export function elementKey(element: unknown, keys: readonly string[]): string {
  const fields = element as Record<string, unknown> | null;
  return keys.map((key) => String(fields?.[key] ?? KEY_DEFAULTS[key] ?? '')).join('/');
}
