import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlPlane } from '../../operator/testkit/index.ts';
import { runProgram } from '../../operator/testkit/run-program.ts';
import { closed } from './closed-schema.ts';

interface OpenApi {
  components: { schemas: Record<string, { 'x-kubernetes-group-version-kind'?: Gvk[] }> };
}

interface Gvk {
  group: string;
  version: string;
  kind: string;
}

interface Output {
  resources: { kind: string; name: string; status: string; msg: string }[];
  summary: { valid: number; invalid: number; errors: number; skipped: number };
}

/** kubeconform with the schemas of a real API server, in strict mode: unknown fields are errors. */
export class Kubeconform {
  readonly #program: string;
  readonly #schemas: string;

  private constructor(program: string, schemas: string) {
    this.#program = program;
    this.#schemas = schemas;
  }

  /**
   * @param program path of kubeconform
   * @param cluster source of the schemas of all kinds, custom ones included
   */
  static async start(program: string, cluster: ControlPlane): Promise<Kubeconform> {
    const folder = join(cluster.dir, 'schemas');
    await mkdir(folder);
    const { paths } = await ask<{ paths: Record<string, unknown> }>(cluster, '/openapi/v3');
    for (const path of Object.keys(paths).filter((path) => /^apis?\/(.+\/)?v[^/]+$/.test(path))) {
      const { components } = await ask<OpenApi>(cluster, `/openapi/v3/${path}`);
      const strict = closed(components);
      for (const [name, { 'x-kubernetes-group-version-kind': gvks = [] }] of Object.entries(components.schemas)) {
        const schema = JSON.stringify({ $ref: `#/components/schemas/${name}`, components: strict });
        // Schemas with several kinds are request options, which are part of every group.
        if (gvks.length === 1 && gvks[0]) await writeFile(join(folder, schemaFile(gvks[0])), schema);
      }
    }
    // kubeconform uses the version as the group of the core group, which has no name.
    return new Kubeconform(program, join(folder, '{{.Group}}_{{.ResourceAPIVersion}}_{{.ResourceKind}}.json'));
  }

  /** @returns one finding per invalid object, and the number of valid objects */
  async check(yaml: string): Promise<{ findings: string[]; valid: number }> {
    const args = ['-strict', '-summary', '-output', 'json', '-schema-location', this.#schemas];
    const { stdout, stderr } = await runProgram(this.#program, args, { input: yaml });
    if (!stdout) throw new Error(`kubeconform failed: ${stderr}`);
    const { resources, summary } = JSON.parse(stdout) as Output;
    return { findings: resources.map(({ kind, name, msg }) => `${kind} ${name}: ${msg}`), valid: summary.valid };
  }
}

function schemaFile({ group, version, kind }: Gvk): string {
  return `${group || version}_${version}_${kind.toLowerCase()}.json`;
}

async function ask<T>(cluster: ControlPlane, path: string): Promise<T> {
  const { stdout, stderr, exitCode } = await cluster.kubectl(['get', '--raw', path]);
  if (exitCode !== 0) throw new Error(`GET ${path}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
