import { ArgumentError } from '../../../src/terminal/argument-error.ts';
import { type FlagTable, flagLines, readFlags } from '../../../src/terminal/flag-table.ts';
import { type LaneOptions, RETRY_MODES, type RetryMode } from './lane.ts';
import type { LoadOptions } from './run-load.ts';

export const LOAD_FLAGS = {
  url: { type: 'string', value: 'URL', help: 'Where requests go; its path is that of GET requests' },
  seconds: { type: 'string', value: 'N', help: 'How long', default: '30' },
  lanes: {
    type: 'string',
    value: 'NAME=RATE,…',
    help: 'Lanes and their requests per second: new-get, kept-get, kept-post, h2c-get',
    default: 'new-get=25,kept-get=25,kept-post=25,h2c-get=25',
  },
  'post-path': { type: 'string', value: 'PATH', help: 'Path of POST requests', whenMissing: 'the path of --url' },
  'post-body': { type: 'string', value: 'JSON', help: 'Body of POST requests', default: '{}' },
  connections: { type: 'string', value: 'N', help: 'Kept connections of each lane; of h2c: sessions', default: '8' },
  'in-flight': { type: 'string', value: 'N', help: 'Most requests in flight in each lane', default: '256' },
  'timeout-ms': { type: 'string', value: 'MS', help: 'Longest time to the end of an answer', default: '5000' },
  'drain-ms': {
    type: 'string',
    value: 'MS',
    help: 'How long to wait at the end',
    whenMissing: 'the same as --timeout-ms',
  },
  retry: { type: 'string', value: 'MODE', help: 'What is sent again, once: none, refused or all', default: 'none' },
  'stop-with-stdin': { type: 'boolean', help: 'Stop when stdin ends, so that the load does not outlive its parent' },
  help: { type: 'boolean', help: 'Print this text' },
} as const satisfies FlagTable;

export const LOAD_USAGE = `node test/support/load/main.ts --url URL: sends a constant load and accounts for each request.

Prints two lines of JSON: {"type":"started"} when it begins, and its report (load-report.ts) after the time is over, or after
SIGTERM or SIGINT. Exit code 0 means that it ran, whatever failed.

Flags
${flagLines(LOAD_FLAGS).join('\n')}
`;

const LANES: Record<string, Pick<LaneOptions, 'connections'> & { method: 'GET' | 'POST' }> = {
  'new-get': { connections: 'new', method: 'GET' },
  'kept-get': { connections: 'kept', method: 'GET' },
  'kept-post': { connections: 'kept', method: 'POST' },
  'h2c-get': { connections: 'h2c', method: 'GET' },
};

/** Reads the command line of the load. @throws ArgumentError */
export function readLoadArguments(args: readonly string[]): (LoadOptions & { stopWithStdin: boolean }) | 'help' {
  const flags = readFlags(LOAD_FLAGS, args, {});
  if (flags.help) return 'help';
  const url = httpUrl(flags.url);
  const path = `${url.pathname}${url.search}`;
  const count = positive('connections', flags.connections);
  const timeoutMs = positive('timeout-ms', flags['timeout-ms']);
  const lanes = flags.lanes.split(',').map((text): LaneOptions => {
    const [name = '', rate] = text.split('=');
    const lane = LANES[name];
    if (!lane) throw new ArgumentError(`--lanes: "${name}" is no lane: use ${Object.keys(LANES).join(', ')}`);
    const { connections, method } = lane;
    const request =
      method === 'GET' ? { method, path } : { method, path: flags['post-path'] ?? path, body: flags['post-body'] };
    return { name, connections, count, request, rate: positive(`lanes ${name}`, rate) };
  });
  return {
    url,
    lanes,
    seconds: positive('seconds', flags.seconds),
    timeoutMs,
    drainMs: flags['drain-ms'] === undefined ? timeoutMs : positive('drain-ms', flags['drain-ms']),
    inFlight: positive('in-flight', flags['in-flight']),
    retry: retryMode(flags.retry),
    stopWithStdin: flags['stop-with-stdin'],
  };
}

function retryMode(text: string): RetryMode {
  const mode = RETRY_MODES.find((one) => one === text);
  if (!mode) throw new ArgumentError(`--retry: "${text}" is no mode: use ${RETRY_MODES.join(', ')}`);
  return mode;
}

function httpUrl(text: string | undefined): URL {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:')
    throw new ArgumentError(`--url: "${text ?? ''}" is not a URL that starts with http://`);
  return url;
}

function positive(flag: string, text: string | undefined): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new ArgumentError(`--${flag}: "${text ?? ''}" is not a number above 0`);
  return value;
}
