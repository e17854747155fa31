/** The sample and how to reach it. */
export interface Playground {
  sample: { namespace: string; name: string; image: string };
  kubeconfig: string;
  kubectl: string;
}

/** Commands to try in another terminal, as lines. */
export function toTry({ sample, kubeconfig, kubectl }: Playground): string[] {
  const run = quoteForShell(kubectl);
  const where = sample.namespace === 'default' ? '' : ` -n ${quoteForShell(sample.namespace)}`;
  const patch = JSON.stringify({ spec: { image: withTag(sample.image, '2.0.0') } });
  return [
    'Try in another terminal:',
    `  export KUBECONFIG=${quoteForShell(kubeconfig)}`,
    `  ${run} get restapi ${sample.name}${where} -w`,
    `  ${run} patch restapi ${sample.name}${where} --type=merge -p ${quoteForShell(patch)}`,
    `  ${run} delete deployment ${sample.name}-view${where}   # the operator creates it again`,
  ];
}

/** Quotes a text as one word of a POSIX shell. */
export function quoteForShell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Replaces the tag of an image. A colon before a slash belongs to a port. */
export function withTag(image: string, tag: string): string {
  return `${image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')}:${tag}`;
}
