/** Names the version that an answer came from by its header `view=1.0.0,controller=1.0.0,…`; several are joined with `+`. */
export function versionsOf(header: string | undefined): { version: string; mixed: boolean } {
  if (!header) return { version: 'unversioned', mixed: false };
  const versions = new Set(header.split(',').map((part) => part.slice(part.indexOf('=') + 1).trim()));
  return { version: [...versions].sort().join('+'), mixed: versions.size > 1 };
}
