import type { Progress } from '../../operator/testkit/index.ts';

/** What is being done about a part of Kubernetes that is not on this machine yet, short enough for 80 columns. */
export function progressText({ kind, binary, remaining, usualSeconds, message }: Progress): string {
  const left = (parts: number) => (parts === 1 ? '1 part to go' : `${parts} parts to go`);
  switch (kind) {
    case 'download':
      return `downloading ${binary}, ${left(remaining)}`;
    case 'build': {
      const usually = usualSeconds === undefined ? '' : `, usually ${about(usualSeconds)}`;
      return `building ${binary} with Go${usually}, ${left(remaining)}`;
    }
    case 'installed':
      return remaining === 0 ? 'all parts are there' : `${binary} is there, ${left(remaining)}`;
    case 'fallback':
    case 'waiting':
      return message;
  }
}

function about(seconds: number): string {
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
