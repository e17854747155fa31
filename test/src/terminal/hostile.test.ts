import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { Topic } from '../../../operator/dashboard/topic.ts';
import { message } from '../../../operator/dashboard/viewer.ts';
import { type ApiClient, createLogger, EventRecorder, type StoredObject } from '../../../operator/index.ts';
import { jsonLinesFormat } from '../../../operator/log/json-lines-format.ts';
import { silentLogger } from '../../../operator/log/logger.ts';
import { plainValues } from '../../../operator/log/plain-text.ts';
import { adviceLines } from '../../../src/cli/advice.ts';
import { type EventFields, eventListOf } from '../../../src/cli/event-list.ts';
import { formatted } from '../../../src/cli/formatted.ts';
import { historyLines } from '../../../src/cli/history.ts';
import { listOf } from '../../../src/cli/list.ts';
import { reportsOf, summariesOf } from '../../../src/cli/report.ts';
import { treeOf } from '../../../src/cli/tree.ts';
import { waitsFor } from '../../../src/cli/wait-state.ts';
import type { Observed } from '../../../src/live-table/observed.ts';
import { viewOf } from '../../../src/live-table/view.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { columns } from '../../../src/terminal/columns.ts';
import { Screen } from '../../../src/terminal/screen.ts';
import { stepLines } from '../../../src/terminal/step-lines.ts';
import { paint, RED } from '../../../src/terminal/text.ts';
import { printError, printText } from '../../../src/terminal/write.ts';
import { EVIL, HOSTILE, hiddenIn, poison } from '../../support/hostile-texts.ts';

const NOW = new Date('2026-01-01T01:00:00Z');
const MADE = '2026-01-01T00:55:00Z';
const CASES = Object.entries(HOSTILE);

function metadata(name: string) {
  return {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: MADE,
    labels: { 'restapi.dev/name': 'shop', 'restapi.dev/component': 'model', 'restapi.dev/environment': 'blue' },
  };
}

/** What the plugin reads of a cluster, with every field that it shows. */
function observed(): Observed {
  const component = (enabled: boolean) => ({ enabled, port: 8080, resources: {}, service: { type: 'ClusterIP' } });
  const condition = (type: string, status: string) => ({
    type,
    status,
    reason: 'Reason',
    message: 'message',
    lastTransitionTime: MADE,
  });
  const environment = { revision: 'abc', image: 'shop:1', replicas: 1, readyReplicas: 0 };
  const stopping = { since: MADE, message: 'message' };
  const status = {
    phase: 'Degraded',
    replicas: 2,
    readyReplicas: 1,
    observedGeneration: 1,
    activeEnvironment: 'blue',
    conditions: [condition('Ready', 'False'), condition('Progressing', 'True'), condition('Aborted', 'True')],
    environments: [
      { name: 'blue', role: 'active', ...environment },
      { name: 'green', role: 'preview', ...environment },
      { name: 'main', role: 'idle', ...environment, stopping },
    ],
    release: { revision: 'abc', environment: 'green', phase: 'Preparing', startedAt: MADE, message: 'message' },
    healing: { actions: [{ at: MADE, action: 'RestartPod', target: 'pod', reason: 'Reason', result: 'Refused' }] },
    components: [
      {
        name: 'model',
        scaling: { minReplicas: 1, maxReplicas: 2, metrics: [{ name: 'cpu', current: '1', target: '2' }] },
      },
    ],
  };
  const others = { view: component(false), controller: component(false), repository: component(false) };
  return {
    restapis: [{ metadata: metadata('shop'), spec: { image: 'shop:1', model: component(true), ...others }, status }],
    deployments: [
      {
        metadata: metadata('shop-model-blue'),
        spec: { replicas: 1, template: { spec: { containers: [{ image: 'shop:1' }] } } },
      },
    ],
    services: [{ metadata: metadata('shop-model'), spec: { ports: [{ port: 8080 }] } }],
    pods: [
      {
        metadata: metadata('shop-model-blue-1-2'),
        status: {
          phase: 'Running',
          reason: 'Reason',
          message: 'message',
          conditions: [{ type: 'Ready', status: 'False', reason: 'Reason', message: 'message' }],
          containerStatuses: [
            {
              name: 'model',
              restartCount: 2,
              state: { waiting: { reason: 'CrashLoopBackOff', message: 'message' } },
              lastState: { terminated: { reason: 'Error', exitCode: 1, message: 'message' } },
            },
          ],
        },
      },
    ],
  } as unknown as Observed;
}

/** Fields by which objects are found or chosen; the API server admits no hostile text in them. */
const SAFE =
  /metadata\.|(release|environments\[\d\])\.(environment|name|role)$|activeEnvironment|components\[\d\]\.name|conditions\[\d\]\.(type|status)$|(At|since|at|Time|Timestamp)$|\.action$|\.result$/;
const isShown = (path: string) => !SAFE.test(path);

const EVENT: EventFields = {
  metadata: { name: 'e', creationTimestamp: MADE },
  involvedObject: { kind: 'Pod', name: 'shop-model-blue-1-2' },
  type: 'Warning',
  reason: 'Failed',
  message: 'message',
  count: 2,
  lastTimestamp: MADE,
};

const HISTORY = {
  namespace: 'default',
  name: 'shop',
  releases: [
    { at: MADE, by: 'alice', result: 'Promoted' as const, revision: 'abc', image: 'shop:1', message: 'message' },
  ],
  revisions: [{ name: 'abc', number: 1, image: 'shop:1', createdAt: MADE, role: 'active in blue' }],
};

const ADVICE = [{ name: 'model', replicas: 1, follows: ['cpu 50 %'], requests: { cpu: '1' }, advice: ['advice'] }];

/** Everything that the plugin and `npm start` show, by name. */
function outputs(text: string, viewport: { width: number; height: number; colour: boolean }): Record<string, string[]> {
  const given = poison(observed(), text, isShown);
  const reports = reportsOf(given);
  const [report] = reports;
  if (!report) throw new Error('no report');
  const history = poison(HISTORY, text, isShown);
  return {
    tree: treeOf(report, NOW, viewport),
    list: listOf(summariesOf(given.restapis), undefined, NOW, viewport),
    'live table': viewOf(given, viewport),
    events: eventListOf([poison(EVENT, text, (path) => !/Time/.test(path))], NOW, viewport),
    history: historyLines(history, NOW, viewport),
    advice: adviceLines(poison(ADVICE, text, () => true) as never, viewport),
    steps: stepLines([{ title: text, state: 'running', detail: text, startedMs: 0 }], 1, viewport),
  };
}

class Terminal {
  readonly isTTY: boolean;
  readonly columns = 200;
  readonly rows = 100;
  text = '';

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}

/** What a screen itself writes: its updates and its colours. */
const ESCAPE = '\u001b';
const OWN = new RegExp(`${ESCAPE}\\[(?:\\?2026[hl]|\\d+A|J|0m|3[123]m|90m)|\\r(?=${ESCAPE}\\[J)`, 'g');
const withoutOwn = (text: string) => text.replaceAll(OWN, '');

describe.each(CASES)('hostile text: %s', (_name, text) => {
  test('the terminal interprets nothing and gets no additional lines', () => {
    for (const isTTY of [true, false]) {
      const expected = outputs('word', new Screen(new Terminal(isTTY), {}).viewport);
      for (const [what, lines] of Object.entries(outputs(text, new Screen(new Terminal(isTTY), {}).viewport))) {
        const terminal = new Terminal(isTTY);
        const screen = new Screen(terminal, {});
        screen.printStyled(lines);
        expect(hiddenIn(withoutOwn(terminal.text)), what).toEqual([]);
        // Its own green is for phases only.
        expect(terminal.text, what).not.toContain(`\u001b[32m${EVIL}`);
        expect(terminal.text.split('\n').length - 1, what).toBe(expected[what]?.length);
      }
    }
  });

  test('text that no function has cleaned is cleaned by the screen', () => {
    const terminal = new Terminal(true);
    const screen = new Screen(terminal, {});
    screen.print([`before ${text}`]);
    expect(terminal.text).not.toContain(`${ESCAPE}[32m`);
    screen.printStyled([`before ${text}`]);
    screen.draw([text]);
    expect(hiddenIn(withoutOwn(terminal.text))).toEqual([]);
  });

  test('colours and columns are made of plain text', () => {
    expect(hiddenIn(withoutOwn(paint(text, RED, true)))).toEqual([]);
    expect(paint(text, RED, true)).not.toContain(`${ESCAPE}[32m`);
    expect(
      hiddenIn(
        columns([[text, text]])
          .flat()
          .join(''),
      ),
    ).toEqual([]);
  });

  test('errors and texts on the standard streams', () => {
    const written: string[] = [];
    const write = (chunk: string | Uint8Array) => written.push(String(chunk)) > 0;
    const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(write));
    try {
      printError(`error: ${text}`);
      printText(`${text}\n`);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    expect(hiddenIn(written.join(''))).toEqual([]);
    expect(written[0]).not.toMatch(/\n\S/);
  });

  test('JSON and YAML give programs the exact value', () => {
    const value = { message: text, [text]: [text, `${text}\n`] };
    for (const [format, read] of [
      ['json', (json: string) => JSON.parse(json)],
      ['yaml', (yaml: string) => parse(yaml)],
    ] as const) {
      const output = formatted(value, format).join('\n');
      expect(hiddenIn(output.replaceAll('\t', '')), format).toEqual([]);
      const seen = read(output);
      // YAML has no halves of pairs.
      if (format === 'json') expect(seen).toEqual(value);
      else if (text.isWellFormed()) expect(seen).toEqual(value);
    }
  });

  test('log lines are one JSON object per line', () => {
    const logged = jsonLinesFormat().transform({ level: 'info', message: text, error: text, key: { deep: text } }, {});
    const line = String((logged as Record<symbol, unknown>)[Symbol.for('message')]);
    expect(line).not.toContain('\n');
    expect(hiddenIn(line)).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({ message: text, error: text });
  });

  test('Events and statuses that the operator writes', async () => {
    const written: { note: string }[] = [];
    const lane = { create: async (_type: object, event: { note: string }) => written.push(event) };
    const recorder = new EventRecorder({ lane: () => lane } as unknown as ApiClient, 'operator', silentLogger);
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: metadata('shop') } as StoredObject;
    for (const note of [text, `${'x'.repeat(1_022)}😀${text}`]) {
      recorder.record(object, { type: 'Warning', reason: 'Reason', action: 'Act', note });
    }
    await recorder.flush();
    expect(written).toHaveLength(2);
    for (const { note } of written) expect([hiddenIn(note), note.length <= 1_024]).toEqual([[], true]);
    const status = plainValues({ conditions: [{ message: text }], count: 1, none: undefined, empty: null });
    expect(hiddenIn(status.conditions[0]?.message ?? '')).toEqual([]);
    expect(status).toMatchObject({ count: 1, empty: null });
    expect(plainValues(status)).toEqual(status);
  });

  test('the dashboard streams plain text, one event per message', () => {
    const view = { message: text, nested: [{ message: text }] };
    const source = {
      plural: 'restapis',
      keys: () => ['default/shop'],
      row: () => view,
      full: () => view,
      subscribe() {},
    };
    const sent = message('all', Topic.all(source, () => {}).all());
    expect(sent.split('\n')).toHaveLength(4);
    expect(hiddenIn(sent)).toEqual([]);
    const [[, received]] = JSON.parse(sent.split('\n')[1]?.slice('data: '.length) ?? '');
    expect(hiddenIn(received.message + received.nested[0].message)).toEqual([]);
  });
});

test('the poisoned fields are those that are shown', () => {
  const plain = outputs(`${EVIL}`, { width: Number.POSITIVE_INFINITY, height: 99, colour: false });
  const counts = Object.entries(plain).map(([what, lines]) => [what, lines.join('\n').split(EVIL).length - 1]);
  for (const [what, count] of counts) expect(count, String(what)).toBeGreaterThan(1);
  expect(waitsFor(poison(observed(), EVIL, isShown).restapis[0] as never)).toContain(EVIL);
});

test('nothing but the terminal toolkit writes to the standard streams', async () => {
  const root = packageRoot();
  const list = async (folder: string) =>
    (await readdir(join(root, folder), { recursive: true })).map((file) => `${folder}/${file}`);
  const files = (await Promise.all(['src', 'operator', 'resources'].map(list)))
    .flat()
    .filter((file) => /\.ts$/.test(file));
  const allowed = [
    // Build time only.
    /^src\/tools\//,
    // The test kit of the framework.
    /^operator\/testkit\//,
    // Imports nothing, as an old Node may run it, and prints no text of others.
    /^src\/package\/require-node\.ts$/,
    /^src\/terminal\/(write|screen|lifetime)\.ts$/,
  ];
  const writing: string[] = [];
  for (const file of files.filter((each) => !allowed.some((pattern) => pattern.test(each)))) {
    const code = await readFile(join(root, file), 'utf8');
    if (/process\s*\.\s*(stdout|stderr)\s*\.\s*write|^[^*]*console\s*\.\s*\w+\(|from 'node:process'/m.test(code))
      writing.push(file);
  }
  expect(files.length).toBeGreaterThan(300);
  expect(writing).toEqual([]);
});

test('every logger that the operator creates escapes', () => {
  const { format } = createLogger('info');
  const logged = format.transform({ level: 'info', message: '\u009b31m' });
  expect(String((logged as unknown as Record<symbol, unknown>)[Symbol.for('message')])).toContain('\\u009b31m');
});
