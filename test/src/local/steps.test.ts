import { expect, test } from 'vitest';
import type { Progress } from '../../../operator/testkit/index.ts';
import { progressText } from '../../../src/local/progress-text.ts';
import { runSteps, type Step } from '../../../src/local/steps.ts';
import { Screen } from '../../../src/terminal/screen.ts';
import { type StepState, stepLines } from '../../../src/terminal/step-lines.ts';
import { widthOf } from '../../../src/terminal/text.ts';
import { Terminal } from './terminal.ts';

const forever = new AbortController().signal;

function plainScreen(): { screen: Screen; text: () => string } {
  let text = '';
  const write = (chunk: string) => {
    text += chunk;
  };
  return { screen: new Screen({ write }, {}), text: () => text };
}

const STATES: StepState[] = [
  { title: 'Find', state: 'done', startedMs: 0, endedMs: 400 },
  { title: 'Build', state: 'running', startedMs: 400, detail: 'building etcd', detailSinceMs: 1_000 },
  { title: 'Start', state: 'waiting' },
];

test('a terminal shows done, running and waiting steps, and the current activity with its duration', () => {
  const viewport = { width: 80, height: 24, colour: false };
  expect(stepLines(STATES, 75_000, viewport)).toEqual(['✔ Find  0.4 s', '⠋ Build', '  building etcd  74 s', '· Start']);
  for (let width = 12; width < 40; width++) {
    for (const line of stepLines(STATES, 75_000, { ...viewport, width, colour: true })) {
      expect(widthOf(line)).toBeLessThanOrEqual(width);
    }
  }
});

test('without a terminal each step and each activity is a line', async () => {
  const { screen, text } = plainScreen();
  await runSteps(
    [
      {
        title: 'One',
        run: async (report) => {
          report('this');
          report('this');
          report('that');
        },
      },
      { title: 'Two', run: async () => {} },
    ],
    screen,
    forever,
  );
  expect(text()).toBe('[1/2] One\n      this\n      that\n[2/2] Two\n');
});

test('a failed step reports title, cause and remedy; later steps do not start', async () => {
  const terminal = new Terminal();
  const steps: Step[] = [
    { title: 'One', run: () => Promise.reject(new Error('no disk')), remedy: 'Buy a disk.' },
    { title: 'Two', run: () => Promise.reject(new Error('never')) },
  ];
  await expect(runSteps(steps, new Screen(terminal, {}), forever)).rejects.toThrow(
    'Step failed: One\nno disk\nBuy a disk.',
  );
  expect(terminal.text).toBe('✖ One  0.0 s\n· Two');
});

test('an interrupted step does not delay the end', async () => {
  const terminal = new Terminal();
  const stopping = new AbortController();
  const reason = new Error('Ctrl-C');
  setTimeout(() => stopping.abort(reason), 20);
  const steps: Step[] = [{ title: 'One', run: () => new Promise(() => {}) }];
  await expect(runSteps(steps, new Screen(terminal, {}), stopping.signal)).rejects.toBe(reason);
  expect(terminal.text).toMatch(/^■ One/);
});

test.each<[Partial<Progress>, string]>([
  [{ kind: 'download' }, 'downloading kube-apiserver, 4 left'],
  [{ kind: 'build', usualSeconds: 240 }, 'building kube-apiserver with Go, usually 4 min, 4 left'],
  [{ kind: 'build', usualSeconds: 20, remaining: 1 }, 'building kube-apiserver with Go, usually 20 s, 1 left'],
  [{ kind: 'installed', remaining: 3 }, 'kube-apiserver ready, 3 left'],
  [{ kind: 'installed', remaining: 0 }, 'all binaries ready'],
  [{ kind: 'waiting' }, 'the message'],
])('%j', (progress, text) => {
  const all = { binary: 'kube-apiserver', remaining: 4, message: 'the message', ...progress } as Progress;
  expect(progressText(all)).toBe(text);
});
