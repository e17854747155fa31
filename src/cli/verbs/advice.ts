import { adviceLines, adviceOf } from '../advice.ts';
import { formatted } from '../formatted.ts';
import { getRestApi } from '../observe.ts';
import { type Verb, YES } from '../verb.ts';

/** `kubectl restapi advice NAME` */
export const advice: Verb = {
  name: 'advice',
  summary: 'how the components of a RestAPI are scaled, what their pods should request, and what could be better',
  details: ['It needs the right to get restapis.', '  kubectl restapi advice shop'],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: ['output'],
  run: async ({ args: [name = ''], flags, screen, lifetime: { signal }, connect }) => {
    const api = await getRestApi(connect(), name, signal);
    const { namespace } = api.metadata;
    const components = adviceOf(api);
    const look = { width: Number.POSITIVE_INFINITY, colour: screen.look.colour };
    screen.print(
      flags.output ? formatted({ namespace, name, components }, flags.output) : adviceLines(components, look),
    );
    return YES;
  },
};
