import { versions } from '../../operator/testkit/index.ts';
import { runProgram } from '../../operator/testkit/run-program.ts';

const CRITICAL = 1;

interface Scored {
  type_meta: { kind: string };
  object_meta: { name: string };
  checks: { check: { id: string }; grade: number; skipped: boolean; comments: { summary: string }[] | null }[];
}

/** Result of kube-score. */
export interface Score {
  /** Number of checked objects. */
  objects: number;
  critical: { check: string; text: string }[];
}

/** Runs kube-score. @param yaml the objects @throws if it cannot read them */
export async function kubeScore(program: string, yaml: string): Promise<Score> {
  const [major, minor] = versions.kubernetes.split('.');
  // Annotations in the manifests must not disable checks.
  const options = ['--disable-ignore-checks-annotations', `--kubernetes-version=v${major}.${minor}`];
  const { stdout, stderr } = await runProgram(program, ['score', '-o', 'json', ...options, '-'], { input: yaml });
  if (!stdout) throw new Error(`kube-score failed: ${stderr}`);
  const objects = (JSON.parse(stdout) ?? []) as Scored[];
  return {
    objects: objects.length,
    critical: objects.flatMap(({ type_meta, object_meta, checks }) =>
      checks
        .filter(({ grade, skipped }) => grade === CRITICAL && !skipped)
        .map(({ check: { id }, comments }) => ({
          check: id,
          text: `${type_meta.kind} ${object_meta.name}: ${(comments ?? []).map(({ summary }) => summary).join(', ')}`,
        })),
    ),
  };
}
