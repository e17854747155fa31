import { pluralOf } from '../../operator/resource/resource-type.ts';

/** The names in a new operator project. */
export interface ProjectNames {
  /** Of the operator, its package and its folder. */
  operator: string;
  /** API group of its resource. */
  group: string;
  /** Kind of its resource, with its lowercase singular and plural. */
  kind: string;
  singular: string;
  plural: string;
}

/** A name that cannot be used. */
export class NameError extends Error {}

/** Longest name: `<name>-system` is a namespace, which takes 63 characters. */
const MAX_NAME = 50;
const LABEL = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
/** YAML would read these as booleans or null. */
const NOT_TEXT = /^(y|yes|n|no|on|off|true|false|null)$/i;
const KIND = /^[A-Z][A-Za-z0-9]{0,62}$/;

/**
 * Completes the names of a project.
 *
 * @param given kind: default the operator's name without `-operator`, in CamelCase; group: default `example.com`
 * @throws NameError that names the wrong name and the expected form
 */
export function projectNames(operator: string, given: { kind?: string; group?: string } = {}): ProjectNames {
  if (!LABEL.test(operator) || operator.length > MAX_NAME || NOT_TEXT.test(operator)) {
    throw new NameError(
      `"${operator}" cannot be the name of an operator: use at most ${MAX_NAME} lowercase letters, digits and "-", ` +
        'starting with a letter, such as guestbook-operator',
    );
  }
  const { kind = kindOf(operator), group = 'example.com' } = given;
  if (!KIND.test(kind) || NOT_TEXT.test(kind)) {
    throw new NameError(`"${kind}" cannot be a kind: use CamelCase letters and digits, such as --kind Guestbook`);
  }
  const labels = group.split('.');
  if (labels.length < 2 || group.length > 100 || !labels.every((label) => LABEL.test(label))) {
    throw new NameError(`"${group}" cannot be an API group: use a domain name, such as --group apps.example.com`);
  }
  return { operator, group, kind, singular: kind.toLowerCase(), plural: pluralOf(kind) };
}

/** `guestbook-operator` → `Guestbook`, `cron-tab` → `CronTab`. */
function kindOf(operator: string): string {
  const words = operator.replace(/(.)-operator$/, '$1').split('-');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
