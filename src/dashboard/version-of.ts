/** Returns the version of an image: its tag, or the first characters of its digest. */
export function versionOf(image: string | undefined): string {
  const [name = '', digest] = (image ?? '').split('@');
  // A colon before a slash precedes a port.
  const tag = /:([^:/]+)$/.exec(name)?.[1];
  return tag ?? digest?.replace(/^sha256:(.{12}).*$/, '$1') ?? (name && 'latest');
}
