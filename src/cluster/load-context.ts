import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';

/**
 * The kubeconfig, its context chosen.
 * @param wanted name of the context. Default: the current one of the file
 * @throws if there is none, it cannot be read, or has no such context
 */
export function loadContext(wanted: string | undefined, file: string | undefined): KubeConfig {
  const kubeConfig = new KubeConfig();
  const files = file === undefined ? defaultFiles() : [file];
  // Without a file client-node would make up a cluster at localhost:8080.
  if (!files.some((path) => existsSync(path))) {
    throw new Error(`there is no kubeconfig ${files.join(' or ')}: name one with --kubeconfig FILE, or set KUBECONFIG`);
  }
  try {
    if (file === undefined) kubeConfig.loadFromDefault();
    else kubeConfig.loadFromFile(file);
  } catch (error) {
    throw new Error(`the kubeconfig ${files.join(' or ')} cannot be read: ${(error as Error).message}`);
  }
  const context = wanted ?? kubeConfig.getCurrentContext();
  const names = kubeConfig.getContexts().map(({ name }) => name);
  const there = names.length === 0 ? 'it has none' : `it has: ${names.join(', ')}`;
  if (!context) {
    throw new Error(`the kubeconfig ${files.join(' or ')} has no current context: say --context NAME; ${there}`);
  }
  if (!names.includes(context)) {
    throw new Error(`the kubeconfig ${files.join(' or ')} has no context "${context}"; ${there}`);
  }
  kubeConfig.setCurrentContext(context);
  if (!kubeConfig.getCurrentCluster()?.server) {
    throw new Error(`the context "${context}" names a cluster that is not in the kubeconfig ${files.join(' or ')}`);
  }
  return kubeConfig;
}

function defaultFiles(): string[] {
  const named = (process.env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  return named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
}
