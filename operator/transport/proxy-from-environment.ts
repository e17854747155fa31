import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the proxy of a server from the environment, as kubectl does (Go's `http.ProxyFromEnvironment`).
 *
 * `HTTPS_PROXY` applies to https servers and `HTTP_PROXY` to http ones, each also in lower case; upper case wins. Without a scheme
 * it is an http proxy. `localhost` and loopback addresses are never proxied, nor those in `NO_PROXY`, a list of
 * - `*`: everything;
 * - `example.com`: that host and its subdomains; `.example.com` and `*.example.com`: only its subdomains;
 * - IP addresses and CIDRs, which match a server given by its address (names are not resolved);
 * - each but a CIDR with a port: `example.com:6443`, `[2001:db8::1]:6443`.
 *
 * https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
 *
 * @returns the proxy's URL, undefined for a direct connection.
 * @throws Error that names the variable if it is not a URL; not its value, which may contain a password.
 */
export function proxyFromEnvironment(server: URL, environment: Environment = process.env): string | undefined {
  const variable = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = read(environment, variable);
  if (proxy === undefined || isExcluded(server, read(environment, 'NO_PROXY') ?? '')) return undefined;
  const url = parseProxy(proxy);
  if (url === undefined) {
    throw new Error(
      `the environment variable ${variable} is not a proxy URL; use one such as http://proxy.example:3128`,
    );
  }
  return url;
}

function read(environment: Environment, name: string): string | undefined {
  return environment[name] || environment[name.toLowerCase()] || undefined;
}

function parseProxy(text: string): string | undefined {
  const address = text.includes('://') ? text : `http://${text}`;
  if (!/^(https?|socks5h?):\/\//i.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  // In Go the proxy resolves names with socks5h alone; undici always leaves it to the proxy.
  return url.hostname === '' ? undefined : url.href.replace(/^socks5h:/, 'socks5:').replace(/\/$/, '');
}

function isExcluded(server: URL, noProxy: string): boolean {
  const host = server.hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  const family = isIP(host);
  if (host === 'localhost' || isLoopback(host, family)) return true;
  return noProxy.split(',').some((entry) => {
    const excluded = entry.trim().toLowerCase();
    return excluded !== '' && matches(excluded, host, port, family);
  });
}

function matches(entry: string, host: string, port: string, family: number): boolean {
  if (entry === '*') return true;
  const [address = '', prefix] = entry.split('/', 2);
  if (prefix !== undefined && isIP(address)) return inSubnet(host, family, address, prefix);

  const { entryHost, entryPort } = splitPort(entry);
  if (entryHost === '' || (entryPort !== '' && entryPort !== port)) return false;
  if (isIP(entryHost)) return inSubnet(host, family, entryHost, isIP(entryHost) === 4 ? '32' : '128');
  const below = entryHost.startsWith('*.') ? entryHost.slice(1) : entryHost;
  if (below.startsWith('.')) return host.endsWith(below);
  return host === below || host.endsWith(`.${below}`);
}

/** `host`, `host:port`, `[v6]`, `[v6]:port` or `v6`. */
function splitPort(entry: string): { entryHost: string; entryPort: string } {
  if (isIP(entry)) return { entryHost: entry, entryPort: '' };
  const { host, bracketed, port } =
    /^(?:\[(?<bracketed>.*)\]|(?<host>[^:]*))(?::(?<port>.*))?$/.exec(entry)?.groups ?? {};
  return { entryHost: bracketed ?? host ?? '', entryPort: port ?? '' };
}

function isLoopback(host: string, family: number): boolean {
  return inSubnet(host, family, '127.0.0.0', '8') || inSubnet(host, family, '::1', '128');
}

function inSubnet(host: string, family: number, address: string, prefix: string): boolean {
  if (family === 0 || !/^\d+$/.test(prefix) || Number(prefix) > (isIP(address) === 4 ? 32 : 128)) return false;
  const subnet = new BlockList();
  subnet.addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  // BlockList sees IPv4 addresses written as IPv6 (::ffff:10.0.0.1), as Go does.
  return subnet.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
