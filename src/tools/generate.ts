import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { crdYaml } from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';
import { packageRoot } from '../package/package-root.ts';
import { admissionPolicy } from './admission-policy.ts';
import { apiReports } from './api-report.ts';
import { operatorPolicies } from './operator-policy.ts';
import { podMetadataPolicy } from './pod-metadata-policy.ts';
import { annotationsAndLabels } from './reference/annotations-and-labels.ts';
import { conditionsAndEvents } from './reference/conditions-and-events.ts';
import { flagsPage } from './reference/flags-page.ts';
import { generatedNote } from './reference/markdown.ts';
import { metricsPage } from './reference/metrics.ts';
import { pluginPage } from './reference/plugin-page.ts';
import { restApiFields } from './reference/restapi-fields.ts';
import { releasePolicy } from './release-policy.ts';
import { volumePolicy } from './volume-policy.ts';

/** The generated files: paths within the package and their contents. */
export function generatedFiles(): Record<string, string> {
  const note = (source: string) => `# Generated from ${source} by \`npm run generate\`. Do not edit.\n`;
  return {
    'crds/restapis.restapi.dev.yaml': note('the class RestAPI (resources/api/rest-api.ts)') + crdYaml(RestAPI),
    'kustomize/base/admission-policy.yaml':
      note('src/tools/{admission,pod-metadata,volume}-policy.ts') +
      documents([...admissionPolicy(), ...podMetadataPolicy(), ...volumePolicy()]),
    'kustomize/base/operator-policy.yaml': note('src/tools/operator-policy.ts') + documents(operatorPolicies()),
    'kustomize/components/release-rights/policy.yaml': note('src/tools/release-policy.ts') + documents(releasePolicy()),
    'docs/reference/restapi-fields.md': `${generatedNote('the class RestAPI (resources/api/rest-api.ts)')}\n${restApiFields()}`,
    'docs/reference/metrics.md': metricsPage(),
    'docs/reference/annotations-and-labels.md': annotationsAndLabels(),
    'docs/reference/conditions-and-events.md': conditionsAndEvents(),
    'docs/reference/kubectl-restapi.md': pluginPage(),
    'docs/reference/operator-flags.md': flagsPage(),
  };
}

/** Writes objects as one YAML file. */
function documents(objects: object[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0, compat: 'yaml-1.1' })).join('---\n');
}

if (import.meta.main) {
  for (const [path, text] of Object.entries({ ...generatedFiles(), ...apiReports() })) {
    const file = join(packageRoot(), path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
