import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Folders in which a real node must leave no trace, and none of their entries may change. */
const FOLDERS = [
  ...['/etc', '/etc/cni', '/opt', '/opt/cni', '/run', '/run/containerd', '/run/netns', '/run/lock', '/var/run/netns'],
  ...[
    '/var',
    '/var/lib',
    '/var/log',
    '/var/log/pods',
    '/var/log/containers',
    '/var/lib/kubelet',
    '/var/lib/cni',
    '/var/lib/containerd',
  ],
];
/** Settings that the kubelet, kube-proxy and CNI plugins like to change. */
const SETTINGS = [
  ...['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops', 'kernel/hostname'],
  ...[
    'net/ipv4/ip_forward',
    'net/ipv4/conf/all/rp_filter',
    'net/ipv4/conf/all/route_localnet',
    'net/ipv4/conf/all/forwarding',
  ],
  ...[
    'net/netfilter/nf_conntrack_max',
    'net/bridge/bridge-nf-call-iptables',
    'net/ipv4/vs/conntrack',
    'net/core/somaxconn',
  ],
];

/** What a real node could change on its machine: mounts, network, kernel settings, folders, by name. */
export async function machineState(): Promise<Record<string, string>> {
  const state: Record<string, string> = {};
  // The first two fields are numbers of no meaning.
  for (const mount of (await read('/proc/self/mountinfo')).split('\n')) {
    const fields = mount.split(' ');
    if (fields.length > 4) state[`mount ${fields[4]} ${fields.slice(2, 4)}`] = fields.slice(5).join(' ');
  }
  for (const args of [['link'], ['addr'], ['route'], ['-6', 'route'], ['rule'], ['netns']]) {
    // Counters and lifetimes change by themselves.
    const { stdout } = await promisify(execFile)('ip', args).catch(() => ({ stdout: 'unknown' }));
    state[`ip ${args.join(' ')}`] = stdout.replace(/(valid|preferred)_lft \d+sec/g, '');
  }
  for (const setting of SETTINGS) state[`/proc/sys/${setting}`] = await read(`/proc/sys/${setting}`);
  for (const folder of FOLDERS) {
    const changed = await stat(folder).then(
      ({ mtimeMs }) => String(mtimeMs),
      () => 'none',
    );
    const names = await readdir(folder).catch(() => []);
    state[folder] = `${changed} ${names.sort().join(' ')}`;
  }
  return state;
}

/** The command lines of all processes that name a folder or a cgroup, or run one of a node's programs from a cluster's folder. */
export async function processesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const [command, environment] = await Promise.all([read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`)]);
    if (command.includes(text) || environment.includes(`HOME=${text}`)) found.push(command.replaceAll('\0', ' '));
  }
  return found;
}

/** The entries that are different, for an assertion that shows no more than it must. */
export function changes(before: Record<string, string>, after: Record<string, string>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${before[name] ?? 'nothing'} -> ${after[name] ?? 'nothing'}`);
}

function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => 'none');
}
