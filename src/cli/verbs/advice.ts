import { adviceLines, adviceOf } from '../advice.ts';
import { formatted } from '../formatted.ts';
import { getRestApi } from '../observe.ts';
import { type Verb, YES } from '../verb.ts';

/** `kubectl restapi advice NAME` */
export const advice: Verb = {
  name: 'advice',
  summary: 'Show how components are scaled, what their pods should request and what to improve',
  details: ['It requires the right to get restapis.'],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: ['output'],
  examples: ['kubectl restapi advice shop', 'kubectl restapi advice shop -o json'],
  run: async ({ args: [name = ''], flags, screen, lifetime: { signal }, connect }) => {
    const api = await getRestApi(connect(), name, signal);
    const { namespace } = api.metadata;
    const components = adviceOf(api);
    const viewport = { width: Number.POSITIVE_INFINITY, colour: screen.viewport.colour };
    if (flags.output) screen.print(formatted({ namespace, name, components }, flags.output));
    else screen.printStyled(adviceLines(components, viewport));
    return YES;
  },
};
