import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { Env } from './tracing.ts';

/**
 * Returns the sampler of OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG. Default: all traces. Every trace begins here, so the forms
 * with and without `parentbased_` are equal.
 * @throws Error for an unknown sampler, or a ratio that is not from 0 to 1
 */
export function samplerOf(env: Env): Sampler {
  const name = env.OTEL_TRACES_SAMPLER || 'parentbased_always_on';
  switch (name.replace(/^parentbased_/, '')) {
    case 'always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'traceidratio':
      return new ParentBasedSampler({
        root: new TraceIdRatioBasedSampler(ratioOf(env.OTEL_TRACES_SAMPLER_ARG || '1')),
      });
    default:
      throw new Error(
        `OTEL_TRACES_SAMPLER is ${JSON.stringify(name)}: it must be always_on, always_off or traceidratio, optionally prefixed with parentbased_`,
      );
  }
}

function ratioOf(text: string): number {
  const ratio = Number(text);
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw new Error(`OTEL_TRACES_SAMPLER_ARG is ${JSON.stringify(text)}: it must be a ratio from 0 to 1`);
}
