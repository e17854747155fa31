/** Environments of a RestAPI: `main` with rolling updates, `blue` and `green` in turn with spec.blueGreen. */
export const ENVIRONMENTS = ['main', 'blue', 'green'] as const;

export type EnvironmentName = (typeof ENVIRONMENTS)[number];

/** An environment of blue-green releases. */
export type Colour = Exclude<EnvironmentName, 'main'>;

/** Whether a text, such as the value of a label that any user may write, is the name of an environment. */
export function isEnvironment(text: string | undefined): text is EnvironmentName {
  return (ENVIRONMENTS as readonly (string | undefined)[]).includes(text);
}
