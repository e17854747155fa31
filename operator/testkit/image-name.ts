const TAG = /^\w[\w.-]{0,127}$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/;
const HOST = /^(?:localhost|[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+|[a-zA-Z0-9.-]+:\d+)$/;

/**
 * The full name by which container runtimes know an image: `shop` is `docker.io/library/shop:latest`. The kubelet asks for
 * images by this name, and an import takes names as they are.
 *
 * @throws Error when it is no image name, or one with a digest
 */
export function fullImageName(name: string): string {
  const [first, ...rest] = name.split('/');
  const host = rest.length > 0 && first !== undefined && HOST.test(first) ? first : undefined;
  const [path = '', tag = 'latest', ...more] = (host === undefined ? name : rest.join('/')).split(':');
  if (!PATH.test(path) || !TAG.test(tag) || more.length > 0) {
    throw new Error(
      `${JSON.stringify(name)} is not an image name such as shop:1.0.0 or registry.example.com/shop:1.0.0`,
    );
  }
  const inLibrary = host === undefined && !path.includes('/');
  return `${host ?? 'docker.io'}/${inLibrary ? 'library/' : ''}${path}:${tag}`;
}
