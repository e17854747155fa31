import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../../../src/package/package-root.ts';

/** An alerting rule of Prometheus. */
export interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface RuleGroup {
  name: string;
  rules: Rule[];
}

/** Reads the rule groups of kustomize/components/prometheus. */
export async function shippedGroups(): Promise<RuleGroup[]> {
  const path = join(packageRoot(), 'kustomize', 'components', 'prometheus', 'prometheus-rule.yaml');
  return parse(await readFile(path, 'utf8')).spec.groups;
}

/** Returns the groups with each rule changed. */
export function withRules(groups: readonly RuleGroup[], change: (rule: Rule) => Rule): RuleGroup[] {
  return groups.map(({ name, rules }) => ({ name, rules: rules.map(change) }));
}
