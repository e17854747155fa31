import type { Progress } from '../../operator/testkit/index.ts';

/** Describes the progress of a Kubernetes binary that this machine lacks, short enough for 80 columns. */
export function progressText({ kind, binary, remaining, usualSeconds, message }: Progress): string {
  const left = `${remaining} left`;
  switch (kind) {
    case 'download':
      return `downloading ${binary}, ${left}`;
    case 'build': {
      const usually = usualSeconds === undefined ? '' : `, usually ${about(usualSeconds)}`;
      return `building ${binary} with Go${usually}, ${left}`;
    }
    case 'installed':
      return remaining === 0 ? 'all binaries ready' : `${binary} ready, ${left}`;
    case 'fallback':
    case 'waiting':
      return message;
  }
}

function about(seconds: number): string {
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
