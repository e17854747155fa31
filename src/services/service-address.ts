/** A port of a Service. */
export interface ServiceAddress {
  scheme: 'http' | 'https';
  namespace: string;
  service: string;
  port: number;
}

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** Returns the Service that a URL `http(s)://NAME.NAMESPACE.svc[.DOMAIN][:PORT]` leads to; undefined for another host. */
export function serviceOfUrl({ protocol, hostname, port }: URL): ServiceAddress | undefined {
  const [service = '', namespace = '', svc] = hostname.split('.');
  if (svc !== 'svc' || !LABEL.test(service) || !LABEL.test(namespace)) return undefined;
  const scheme = protocol === 'https:' ? 'https' : 'http';
  return { scheme, namespace, service, port: Number(port || (scheme === 'https' ? 443 : 80)) };
}

/** Returns the path of the service proxy at the API server. */
export function proxyPath({ scheme, namespace, service, port }: ServiceAddress): string {
  return `/api/v1/namespaces/${namespace}/services/${scheme}:${service}:${port}/proxy`;
}

/**
 * Whether a path reaches a server unchanged through the proxy. Proxies on the way may resolve dot segments, which would lead to
 * another resource of the API server, and merge or decode slashes.
 */
export function isProxyable(path: string): boolean {
  const [plain = ''] = path.split('?');
  const segments = plain.split('/').slice(1);
  return segments.every((segment, index) => {
    const last = index === segments.length - 1;
    return isPlain(segment) && (segment !== '' || last);
  });
}

function isPlain(segment: string): boolean {
  try {
    const decoded = decodeURIComponent(segment);
    return decoded !== '.' && decoded !== '..' && !/[/\\#%]/.test(decoded);
  } catch {
    return false;
  }
}
