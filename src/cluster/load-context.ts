import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';

/**
 * Loads a kubeconfig and selects a context.
 * @param wanted name of the context. Default: the current context of the file
 * @param file path of the kubeconfig. Default: the same as kubectl
 * @throws Error for the user if the file or the context does not exist, or the file cannot be read
 */
export function loadContext(wanted: string | undefined, file: string | undefined): KubeConfig {
  const kubeConfig = new KubeConfig();
  const files = file === undefined ? defaultFiles() : [file];
  // Without a file, client-node would assume a cluster at localhost:8080.
  if (!files.some((path) => existsSync(path))) {
    throw new Error(`kubeconfig ${files.join(' or ')} not found. Use --kubeconfig FILE or set KUBECONFIG`);
  }
  try {
    if (file === undefined) kubeConfig.loadFromDefault();
    else kubeConfig.loadFromFile(file);
  } catch (error) {
    throw new Error(`cannot read kubeconfig ${files.join(' or ')}: ${(error as Error).message}`);
  }
  const context = wanted ?? kubeConfig.getCurrentContext();
  const names = kubeConfig.getContexts().map(({ name }) => name);
  const available = `available: ${names.join(', ') || 'none'}`;
  if (!context) {
    throw new Error(`kubeconfig ${files.join(' or ')} has no current context. Use --context NAME; ${available}`);
  }
  if (!names.includes(context)) {
    throw new Error(`kubeconfig ${files.join(' or ')} has no context "${context}"; ${available}`);
  }
  kubeConfig.setCurrentContext(context);
  if (!kubeConfig.getCurrentCluster()?.server) {
    throw new Error(`the cluster of context "${context}" is not in kubeconfig ${files.join(' or ')}`);
  }
  return kubeConfig;
}

function defaultFiles(): string[] {
  const named = (process.env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  return named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
}
