/** What tells versions of an image apart: its tag, or the first characters of its digest. */
export function versionOf(image: string | undefined): string {
  const [name = '', digest] = (image ?? '').split('@');
  // A colon before a slash is a port's.
  const tag = /:([^:/]+)$/.exec(name)?.[1];
  return tag ?? digest?.replace(/^sha256:(.{12}).*$/, '$1') ?? (name && 'latest');
}
