import { describe, expect, test } from 'vitest';
import { type Output, Screen } from '../../../src/terminal/screen.ts';
import { Terminal } from '../local/terminal.ts';

class File implements Output {
  text = '';
  write(text: string): void {
    this.text += text;
  }
}

describe('on a terminal', () => {
  test('a frame replaces the previous one, also if it is shorter', () => {
    const terminal = new Terminal();
    const screen = new Screen(terminal, {});
    screen.print(['before']);
    screen.draw(['a', 'b', 'c']);
    screen.draw(['a', 'c']);
    expect(terminal.text).toBe('before\na\nc');
    screen.draw(['a', 'b', 'c', 'd']);
    expect(terminal.text).toBe('before\na\nb\nc\nd');
  });

  test('printed lines stay above the frame; a kept frame stays', () => {
    const terminal = new Terminal();
    const screen = new Screen(terminal, {});
    screen.draw(['frame']);
    screen.print(['note']);
    expect(terminal.text).toBe('note\nframe');
    screen.keepFrame();
    screen.draw(['next']);
    expect(terminal.text).toBe('note\nframe\nnext');
  });

  test('erases the echo of Ctrl-C', () => {
    const terminal = new Terminal();
    const screen = new Screen(terminal, {});
    screen.draw(['frame']);
    terminal.write('^C');
    screen.keepFrame();
    screen.print(['Stopping']);
    expect(terminal.text).toBe('frame\nStopping');
  });

  test('redraws lines that a narrower terminal has wrapped', () => {
    const terminal = new Terminal();
    const screen = new Screen(terminal, {});
    screen.draw(['abcdefghi', 'jk']);
    // The effect of shrinking a real terminal to three columns.
    terminal.write('\u001b[2A\r\u001b[Jabc\ndef\nghi\njk\n');
    terminal.columns = 3;
    screen.draw(['x']);
    expect(terminal.text).toBe('x');
  });

  test.each<[NodeJS.ProcessEnv, boolean, boolean]>([
    [{}, true, true],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, false, false],
  ])('%j: live %s, colour %s', (env, live, colour) => {
    const screen = new Screen(new Terminal(), env);
    expect(screen.live).toBe(live);
    expect(screen.viewport.colour).toBe(colour);
  });
});

test('without a terminal: plain lines of any width', () => {
  const file = new File();
  const screen = new Screen(file, {});
  expect(screen.live).toBe(false);
  expect(screen.viewport).toEqual({ width: Number.POSITIVE_INFINITY, height: Number.POSITIVE_INFINITY, colour: false });
  screen.print(['one', 'two']);
  screen.keepFrame();
  screen.print(['three']);
  expect(file.text).toBe('one\ntwo\nthree\n');
});
