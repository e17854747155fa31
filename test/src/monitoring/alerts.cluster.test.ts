import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { runProgram } from '../../../operator/testkit/run-program.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { BINARIES_TIMEOUT_MS, ensurePrometheus } from '../../support/prometheus-binaries.ts';
import { type Rule, type RuleGroup, shippedGroups, withRules } from './rules.ts';

interface TestFile {
  tests: { alert_rule_test: { alertname: string; exp_alerts: object[] }[] }[];
}

/** Unit test files for promtool. */
const FILES = ['alerts.yaml', 'slow-alerts.yaml'];

let promtool = '';
let folder = '';
let groups: RuleGroup[] = [];
const unitTests = new Map<string, TestFile>();
beforeAll(async () => {
  promtool = (await ensurePrometheus()).get('promtool') ?? '';
  groups = await shippedGroups();
  folder = await mkdtemp(join(tmpdir(), 'alerts-'));
  for (const file of FILES) unitTests.set(file, parse(await readFile(join(import.meta.dirname, file), 'utf8')));
}, BINARIES_TIMEOUT_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

function alerts(): Rule[] {
  return groups.flatMap(({ rules }) => rules);
}

/**
 * Runs the unit tests against rules with promtool. Tests only have the description, because no other annotation is a template.
 *
 * @returns its exit code, its output, and the alerts whose tests failed
 */
async function runUnitTests(rules: RuleGroup[], tests: ReadonlyMap<string, TestFile>) {
  const described = withRules(rules, ({ annotations: { description = '' }, ...rule }) => ({
    ...rule,
    annotations: { description },
  }));
  await writeFile(join(folder, 'rules.yaml'), stringify({ groups: described }));
  const paths: string[] = [];
  for (const [file, content] of tests) {
    paths.push(join(folder, file));
    await writeFile(join(folder, file), stringify(content, { aliasDuplicateObjects: false }));
  }
  const { stdout, stderr, exitCode } = await runProgram(promtool, ['test', 'rules', ...paths]);
  const failed = new Set([...stderr.matchAll(/^ *alertname: (\w+), time/gm)].map(([, name = '']) => name));
  return { exitCode, output: stdout + stderr, failed };
}

test('promtool accepts the rules', async () => {
  const path = join(folder, 'shipped.yaml');
  await writeFile(path, stringify({ groups }));
  const { stdout, stderr, exitCode } = await runProgram(promtool, [
    'check',
    'rules',
    '--lint=all',
    '--lint-fatal',
    path,
  ]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain(`SUCCESS: ${alerts().length} rules found`);
});

test('each alert has a unit test in which it fires and one in which it does not', async () => {
  const { exitCode, output } = await runUnitTests(groups, unitTests);
  expect(exitCode, output).toBe(0);
  const cases = [...unitTests.values()].flatMap(({ tests }) => tests.flatMap((one) => one.alert_rule_test));
  const names = (wanted: boolean) =>
    new Set(cases.filter(({ exp_alerts }) => exp_alerts.length > 0 === wanted).map(({ alertname }) => alertname));
  const shipped = alerts()
    .map(({ alert }) => alert)
    .sort();
  expect([...names(true)].sort()).toEqual(shipped);
  expect([...names(false)].sort()).toEqual(shipped);
});

test('breaking any part of a rule fails a unit test', async () => {
  // Each broken rule becomes an alert with its own name and the tests of the original, so that promtool runs once.
  const broken = alerts().flatMap((rule) =>
    brokenIn(rule).map(([what, one], index) => ({
      of: rule.alert,
      what,
      rule: { ...one, alert: `${rule.alert}${index}` },
    })),
  );
  const tests = new Map<string, TestFile>();
  for (const [file, { tests: all, ...rest }] of unitTests) {
    const copied = all.map((one) => ({
      ...one,
      alert_rule_test: one.alert_rule_test.flatMap((expected) =>
        broken
          .filter(({ of }) => of === expected.alertname)
          .map(({ rule: { alert } }) => ({ ...expected, alertname: alert })),
      ),
    }));
    tests.set(file, { ...rest, tests: copied });
  }
  const { failed, output } = await runUnitTests([{ name: 'broken', rules: broken.map(({ rule }) => rule) }], tests);
  expect(broken.length).toBeGreaterThan(2 * alerts().length);
  const unnoticed = broken.filter(({ rule }) => !failed.has(rule.alert)).map(({ of, what }) => `${of} ${what}`);
  expect(unnoticed, failed.size === 0 ? output : undefined).toEqual([]);
});

/** Returns variants of a rule that never fire, fire too early, or lack a matcher. */
function brokenIn(rule: Rule): [what: string, broken: Rule][] {
  const { for: pending, ...atOnce } = rule;
  const broken: [string, Rule][] = [['that never fires', { ...rule, expr: `(${rule.expr}) and vector(0) == 1` }]];
  if (pending) broken.push(['without for', atOnce]);
  for (const text of new Set([...rule.expr.matchAll(/\w+(?:=~|!~|!=|=)"[^"]*"/g)].map(([matcher]) => matcher))) {
    const expr = rule.expr.replaceAll(text, '').replaceAll('{, ', '{').replaceAll(', }', '}');
    broken.push([`without ${text}`, { ...rule, expr }]);
  }
  const [first = '', ...others] = rule.expr.split(/\n\s+and /);
  if (others.length > 0) broken.push(['without its second half', { ...rule, expr: first }]);
  return broken;
}

test('each alert has a severity, a summary, a description, an action and a runbook section', async () => {
  const docs = await readFile(join(packageRoot(), 'docs', 'reference', 'alerts.md'), 'utf8');
  const sections = new Map(
    docs
      .split(/^### /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
  );
  for (const { alert, labels, annotations } of alerts()) {
    const { summary = '', description = '', action = '', runbook = '', ...others } = annotations;
    expect(others, alert).toEqual({});
    expect(['critical', 'warning', 'info'], alert).toContain(labels.severity);
    expect(summary + action, `${alert}: only the description is a template`).not.toContain('{{');
    for (const text of [summary, description, action]) expect(text.length, alert).toBeGreaterThan(20);
    expect(runbook).toBe(`docs/reference/alerts.md#${alert.toLowerCase()}`);
    const section = sections.get(alert) ?? '';
    expect(section.length, `docs/reference/alerts.md has a section ${alert}`).toBeGreaterThan(100);
    expect(section, `docs/reference/alerts.md has the severity of ${alert}`).toContain(`**${labels.severity}**`);
  }
  const gone = [...sections.keys()].filter((name) => !alerts().some(({ alert }) => alert === name));
  expect(gone, 'sections without an alert').toEqual([]);
});
