import type { ComponentName, RestAPI } from '../api/rest-api.ts';
import { storageOf } from '../model/component-storage.ts';
import { repositoryClaimName } from '../model/object-names.ts';

/** Returns the volumes and volume mounts of a component's pods; undefined if there are none. */
export function componentVolumes(
  api: RestAPI,
  component: ComponentName,
): { volumes: object[] | undefined; volumeMounts: object[] | undefined } {
  const storage = storageOf(api, component);
  const { readOnlyRootFilesystem } = api.spec[component].securityContext ?? {};
  const volumes: object[] = [];
  const volumeMounts: object[] = [];
  if (storage) {
    volumes.push({ name: 'data', persistentVolumeClaim: { claimName: repositoryClaimName(api) } });
    volumeMounts.push({ name: 'data', mountPath: storage.mountPath });
  }
  if (readOnlyRootFilesystem) {
    // Most programs need a writable /tmp.
    volumes.push({ name: 'tmp', emptyDir: {} });
    volumeMounts.push({ name: 'tmp', mountPath: '/tmp' });
  }
  return volumes.length > 0 ? { volumes, volumeMounts } : { volumes: undefined, volumeMounts: undefined };
}
