import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Plugin } from './plugin.ts';

let plugin: Plugin;
beforeAll(async () => {
  plugin = await Plugin.install();
});
afterAll(() => plugin?.[Symbol.asyncDispose]());

/** Completions of a real fish. */
async function offered(line: string): Promise<string[]> {
  const script = `kubectl-restapi completion fish | source; complete -C "${line}"`;
  const { stdout } = await plugin.run('fish', ['--no-config', '-c', script]);
  return stdout.trim().split('\n');
}

const installed = (shell: string) => existsSync(`/usr/bin/${shell}`);

// CI installs fish; other machines may lack it.
test.skipIf(!process.env.CI && !installed('fish'))(
  'fish completes words, and files only for flags that take a file',
  async () => {
    expect(await offered('kubectl-restapi pr')).toEqual(['promote']);
    expect((await offered('kubectl-restapi wait shop --for ')).sort()).toEqual(['deleted', 'ready']);
    await plugin.file('shop.yaml', '');
    expect(await offered(`kubectl-restapi diff -f ${plugin.dir}/sh`)).toEqual([`${plugin.dir}/shop.yaml`]);
  },
);

/** The line of a real zsh after Tab, when it contains what is expected, or after half a minute. */
async function zshLine(typed: string, expected: string): Promise<string> {
  const script = `
    zmodload zsh/zpty; zpty z zsh -f -i
    zpty -w z "autoload -U compinit; compinit -u -D; source <(kubectl-restapi completion zsh); PS1='%% '; echo rea''dy"
    zpty -r -m z out '*ready*'
    zpty -w -n z $'${typed}\\t'
    for i in {1..300}; do
      sleep 0.1; zpty -r -t z more && print -rn -- "$more" && line+="$more"
      [[ "$line" == *$'${expected}'* ]] && break
    done`;
  return (await plugin.run('zsh', ['-f', '-c', script])).stdout;
}

test.skipIf(!process.env.CI && !installed('zsh'))('zsh completes verbs and flags', async () => {
  expect(await zshLine('kubectl-restapi prom', 'restapi promote')).toContain('kubectl-restapi promote');
  expect(await zshLine('kubectl-restapi promote shop --dr', '--dry-run')).toContain('--dry-run');
});
