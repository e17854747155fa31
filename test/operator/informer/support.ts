import { Informer } from '../../../operator/informer/informer.ts';
import type { InformerEvent } from '../../../operator/informer/informer-event.ts';
import type { InformerOptions } from '../../../operator/informer/informer-options.ts';
import type { InformerTimings } from '../../../operator/informer/informer-timings.ts';
import type { Reconnection } from '../../../operator/informer/reconnection.ts';
import type { KubernetesObject } from '../../../operator/kubernetes-object.ts';
import type { Logger } from '../../../operator/log/logger.ts';
import type { ProxiedRequest } from '../../../operator/testkit/fault-proxy.ts';
import type { ApiClient } from '../../../operator/transport/api-client.ts';

export const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
export const NAMESPACE = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };

export type ConfigMap = KubernetesObject & { data?: Record<string, string> };

/** Short where tests wait for it; long where they must not meet it on a loaded machine. */
export const QUICK: InformerTimings = {
  watchTimeoutSeconds: [40, 45],
  watchGraceMs: 5_000,
  connectTimeoutMs: 10_000,
  listTimeoutMs: 15_000,
  backoffMs: [20, 200],
  healthyAfterMs: 1_000,
  unservedRetryMs: 300,
};

export function configMap(namespace: string, name: string, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data };
}

/** A logger that records `level message {fields}`. */
export function recordingLogger(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (message: string, fields?: object) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** An informer of ConfigMaps that records its events, reconnections and log. */
export interface Recorded {
  informer: Informer<ConfigMap>;
  events: InformerEvent<ConfigMap>[];
  reconnections: Reconnection[];
  log: string[];
  /** Events so far as `TYPE name`. */
  story(): string[];
}

export function recorded(client: ApiClient, options: Partial<InformerOptions<ConfigMap>> = {}): Recorded {
  const events: InformerEvent<ConfigMap>[] = [];
  const reconnections: Reconnection[] = [];
  const logger = recordingLogger();
  const informer = new Informer<ConfigMap>({
    client,
    type: CONFIG_MAP,
    logger,
    onReconnect: (reconnection) => reconnections.push(reconnection),
    ...options,
    timings: { ...QUICK, ...options.timings },
  });
  informer.subscribe((event) => events.push(event));
  informer.start();
  return {
    informer,
    events,
    reconnections,
    log: logger.lines,
    story: () => events.map((e) => `${e.type} ${e.object.metadata?.name}`),
  };
}

/** The cache's content in the form of contentOf(). */
export function cached(informer: Informer<ConfigMap>): Map<string, string> {
  return contentOf(informer.list());
}

/** uid, version and data by name: what makes two collections the same. */
export function contentOf(objects: ConfigMap[]): Map<string, string> {
  return new Map(
    objects
      .map(
        (o) =>
          [
            o.metadata?.name ?? '',
            `${o.metadata?.uid} ${o.metadata?.resourceVersion} ${JSON.stringify(o.data)}`,
          ] as const,
      )
      .sort(),
  );
}

export const isWatch = (request: ProxiedRequest) => request.watch;
/** A watch that goes on from a version, as opposed to a streaming list. */
export const isResume = (request: ProxiedRequest) => request.watch && !request.query.has('sendInitialEvents');
export const isStreamingList = (request: ProxiedRequest) => request.watch && request.query.has('sendInitialEvents');
