import { schemaOf } from '../../../operator/index.ts';
import { RestAPI } from '../../../resources/index.ts';
import { type FieldRow, type FieldSection, fieldSections } from './field-sections.ts';
import { limitsOf, typeOf } from './field-type.ts';

const INTRO = `# RestAPI fields

All fields of \`spec\` and \`status\` of the kind \`RestAPI\` (\`restapi.dev/v1alpha1\`). \`kubectl explain ra.spec.view.port\` shows the
same descriptions.

- \`<component>\` stands for \`model\`, \`view\`, \`controller\` or \`repository\`, and \`[]\` for an item of a list.
- A quantity is an amount in the notation of Kubernetes, such as \`500m\`, \`1.5\` or \`256Mi\`.
- Fields are optional unless they are marked *required*.
- "Validation messages" are what the API server reports for values that a type and its limits cannot exclude.
`;

/** Returns the reference of all fields of a RestAPI, generated from the schema of its CRD, as Markdown. */
export function restApiFields(): string {
  const { spec = {}, status = {} } = schemaOf(RestAPI).properties ?? {};
  const sections = [...fieldSections('spec', spec), ...fieldSections('status', status)];
  const contents = sections.map(({ path }) => `- ${link(path)}`).join('\n');
  return `${INTRO}\n${contents}\n\n${sections.map(sectionText).join('\n')}`;
}

function sectionText({ path, rows, rejections }: FieldSection): string {
  const table = [
    '| Field | Type | Default | Limits | Description |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(rowText),
  ];
  const messages = [...rejections].map((text) => `- ${text}`);
  return [
    `## \`${path}\``,
    '',
    ...table,
    ...(messages.length > 0 ? ['', 'Validation messages:', '', ...messages] : []),
    '',
  ].join('\n');
}

function rowText({ path, required, variants, section }: FieldRow): string {
  const [schema = {}] = variants.values();
  const { description = '' } = schema;
  const cells = [
    `\`${path}\``,
    typeOf(schema),
    required ? '*required*' : defaultText(variants),
    limitsOf(schema).join('<br>'),
    `${description.replace(/[<*]/g, '\\$&')}${section ? ` See ${link(section)}.` : ''}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function defaultText(variants: FieldRow['variants']): string {
  const values = [...variants].map(([component, { default: value }]) => [component, JSON.stringify(value)] as const);
  const [first] = values;
  if (!first?.[1]) return '';
  if (values.every(([, value]) => value === first[1])) return `\`${first[1]}\``;
  return values.map(([component, value]) => `${component}: \`${value}\``).join('<br>');
}

/** A link to a section; the anchor is the one that GitHub gives the heading. */
function link(path: string): string {
  return `[\`${path}\`](#${path.toLowerCase().replace(/[^a-z0-9]/g, '')})`;
}
