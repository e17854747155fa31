import { openSync } from 'node:fs';
import { join } from 'node:path';
import { ensureSpecs } from '../../../operator/testkit/binaries.ts';
import { currentPlatform } from '../../../operator/testkit/binary-spec.ts';
import { logTail } from '../../../operator/testkit/component-error.ts';
import type { ControlPlane, RealNode } from '../../../operator/testkit/index.ts';
import { GATEWAY_IP } from '../../../operator/testkit/node/node-config.ts';
import { runProgram } from '../../../operator/testkit/run-program.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { established } from '../../support/established.ts';
import { eventually } from '../../support/eventually.ts';
import { kubectl } from '../../support/kubectl.ts';

const MODULE = 'github.com/argoproj/argo-rollouts';
/** Also pinned by go.mod in `go/argo-rollouts`; change both together. 1.10.2 needs a newer Go than 1.26.8. */
const VERSION = '1.10.1';
const MODULE_FOLDER = join(packageRoot(), 'test', 'e2e', 'peers', 'go', 'argo-rollouts');
const RESOURCES = ['rollouts', 'experiments', 'analysisruns', 'analysistemplates', 'clusteranalysistemplates'];

/** Timeout for finding or building the controller, in milliseconds. */
export const BUILD_TIMEOUT_MS = 1_800_000;

/**
 * Finds or builds the controller of Argo Rollouts; no binary of it is released.
 *
 * @returns its absolute path
 * @throws BinariesError if it cannot be built
 */
export async function ensureArgoRollouts(): Promise<string> {
  const name = 'rollouts-controller';
  const build = {
    moduleFolder: MODULE_FOLDER,
    package: `${MODULE}/cmd/${name}`,
    ldflags: `-s -w -X ${MODULE}/utils/version.version=${VERSION}`,
    usualSeconds: 230,
  };
  const platform = currentPlatform();
  const spec = { name, release: `argo-rollouts-${VERSION}`, fromPath: false, build } as const;
  return (await ensureSpecs([spec], platform, {})).get(name) ?? name;
}

/**
 * Installs the CRDs of Argo Rollouts and runs its controller as administrator until the node ends: in the node, because it calls
 * Services for its analyses.
 *
 * @throws Error with the end of its log if it does not start
 */
export async function startArgoRollouts(cluster: ControlPlane, node: RealNode): Promise<void> {
  const program = await ensureArgoRollouts();
  await kubectl(cluster, ['create', '-k', join(await moduleSource(), 'manifests', 'crds')]);
  await Promise.all(RESOURCES.map((resource) => established(cluster, `${resource}.argoproj.io`)));
  const log = argoRolloutsLog(cluster);
  const output = openSync(log, 'w');
  const server = `https://${GATEWAY_IP}:${new URL(cluster.server).port}`;
  const command = [program, '--kubeconfig', cluster.kubeconfigPath, '--server', server, '--leader-elect=false'];
  const child = node.spawn(command, { stdio: ['ignore', output, output] });
  try {
    await eventually(
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
        return (await logTail(log)).includes('Started controller');
      },
      { what: 'Argo Rollouts: "Started controller" in the log' },
    );
  } catch (error) {
    throw new Error(`Argo Rollouts did not start:\n${await logTail(log)}`, { cause: error });
  }
}

/** The file that the controller logs to. */
export function argoRolloutsLog(cluster: ControlPlane): string {
  return join(cluster.dir, 'argo-rollouts.log');
}

/** The folder with the source of the module, in Go's module cache. @throws Error with Go's message */
async function moduleSource(): Promise<string> {
  // Downloads it if the cache has been cleaned since the build.
  const { stdout, stderr, exitCode } = await runProgram('go', ['mod', 'download', '-json', MODULE], {
    cwd: MODULE_FOLDER,
    env: { ...process.env, GOWORK: 'off' },
  });
  if (exitCode !== 0) throw new Error(`the CRDs of Argo Rollouts cannot be found: ${stderr || stdout}`);
  return JSON.parse(stdout).Dir;
}
