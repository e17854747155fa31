import type { ServiceAddress } from './service-address.ts';

/** An answer that came through the service proxy, or from the API server itself. */
export interface ProxyAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Body of an answer of 400 or above; undefined if it has no end, or a long one. */
  text: string | undefined;
}

/** The fields of a Status object that are read. */
interface Status {
  kind?: unknown;
  apiVersion?: unknown;
  status?: unknown;
  code?: unknown;
  message?: unknown;
  reason?: unknown;
  details?: { kind?: unknown; name?: unknown } | null;
}

/** Answers of the API server that are text: its flow control, and a crashed handler. */
const OWN_TEXTS: Readonly<Record<number, RegExp>> = {
  429: /^Too many requests, please try again later\.\s*$/,
  500: /^This request caused apiserver to panic/,
};

/**
 * Returns why an answer is not one of the server behind the proxy; undefined: it is. Pure.
 *
 * The API server marks everything it sends with an Audit-Id, so an answer without one is from a gateway in front of it. Its own
 * errors are Status objects. A server that answers with just such an object is indistinguishable from it: that is not taken for
 * an answer either, as the mistake would otherwise be to judge a server that was never reached.
 */
export function proxyProblem({ status, headers, text }: ProxyAnswer, address: ServiceAddress): string | undefined {
  if (headers['audit-id'] === undefined) {
    return `status ${status} from a gateway in front of the API server: the answer has no Audit-Id`;
  }
  if (status < 400 || text === undefined) return undefined;
  if (OWN_TEXTS[status]?.test(text)) return `the API server returned ${status}: ${text.trim()}`;
  const own = ownStatus(text, status, address);
  if (!own) return undefined;
  const { service, namespace } = address;
  const message = typeof own.message === 'string' && own.message !== '' ? own.message : `status ${status}`;
  if (status !== 403) return `the API server did not reach Service ${service}: ${message}`;
  return (
    `${message}. Grant get on services/proxy in namespace ${namespace} to the operator's user, ` +
    'or run the operator in the cluster'
  );
}

/** The body as a Status of the API server's proxy. */
function ownStatus(text: string, code: number, { scheme, service, port }: ServiceAddress): Status | undefined {
  const body = parsed(text);
  const isStatus = body?.kind === 'Status' && body.apiVersion === 'v1' && body.status === 'Failure';
  if (!body || !isStatus || body.code !== code) return undefined;
  // These name the object: one about another object comes from a server that itself asks an API server.
  if (code === 403 || code === 404) {
    const { kind, name } = body.details ?? {};
    if (kind !== 'services' || ![service, `${scheme}:${service}:${port}`].includes(String(name))) return undefined;
  }
  return body;
}

function parsed(text: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Status) : undefined;
  } catch {
    return undefined;
  }
}
