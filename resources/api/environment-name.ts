/**
 * Where pods of a RestAPI run: `main` if it is updated in place; `blue` and `green` take turns if it is released by
 * spec.blueGreen.
 */
export const ENVIRONMENTS = ['main', 'blue', 'green'] as const;

export type EnvironmentName = (typeof ENVIRONMENTS)[number];

/** The environments that take turns. */
export type Colour = Exclude<EnvironmentName, 'main'>;

/** Whether a text, as found in a label or annotation that anybody may write, names an environment. */
export function isEnvironment(text: string | undefined): text is EnvironmentName {
  return (ENVIRONMENTS as readonly (string | undefined)[]).includes(text);
}
