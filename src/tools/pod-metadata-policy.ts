import { COMPONENTS } from '../../resources/index.ts';
import { authorPolicy, MAY_CREATE_PODS, SPEC_UNCHANGED } from './author-policy.ts';

/** Annotation of a namespace with the keys that any author may use in podLabels, comma-separated. */
export const POD_LABEL_KEYS = 'restapi.dev/pod-labels';
/** Annotation of a namespace with the keys that any author may use in podAnnotations, comma-separated. */
export const POD_ANNOTATION_KEYS = 'restapi.dev/pod-annotations';

/**
 * Returns the ValidatingAdmissionPolicy, with its binding, for labels and annotations of pods. They mean something to others: Services and
 * NetworkPolicies select pods by labels; meshes, cloud identities, network attachments and secret injectors act on annotations. So a key
 * needs the permission to create pods, or an entry in the namespace's annotation, which authors cannot write. As with
 * references, every user who changes the spec is checked: a new image would get the traffic that the labels of the old one attract.
 */
export function podMetadataPolicy(): object[] {
  const labels = rulesOf('podLabels', 'label', POD_LABEL_KEYS);
  const annotations = rulesOf('podAnnotations', 'annotation', POD_ANNOTATION_KEYS);
  return authorPolicy('restapi-pod-metadata', {
    variables: [SPEC_UNCHANGED, MAY_CREATE_PODS, ...labels.variables, ...annotations.variables],
    validations: [labels.validation, annotations.validation],
  });
}

function rulesOf(field: 'podLabels' | 'podAnnotations', what: string, annotation: string) {
  const keys = COMPONENTS.map((component) => {
    const map = `object.spec.${component}.${field}`;
    return `(has(object.spec.${component}) && has(${map}) ? ${map}.map(k, k) : [])`;
  });
  const annotations = 'namespaceObject.metadata.annotations';
  const [allowed, refused] = [`${field}Allowed`, `${field}Refused`];
  const fits = "p == '*' || p == k || (p.endsWith('/') && k.startsWith(p))";
  return {
    variables: [
      {
        name: allowed,
        expression: `has(${annotations}) && '${annotation}' in ${annotations} ? ${annotations}['${annotation}'].split(',').map(p, p.trim()) : []`,
      },
      {
        name: refused,
        expression: `(${keys.join(' + ')}).filter(k, !variables.${allowed}.exists(p, ${fits}))`,
      },
    ],
    validation: {
      expression: `variables.unchanged || variables.mayCreatePods || variables.${refused}.size() == 0`,
      messageExpression: `'you may not use the ${what} ' + variables.${refused}[0] + ' in ${field} of a RestAPI: this requires permission to create pods in namespace ' + request.namespace + ', or the key in the annotation ${annotation} of that namespace'`,
      reason: 'Forbidden' as const,
    },
  };
}
