/** What the lines are made from. */
export interface Playground {
  /** The RestAPI to play with. */
  sample: { namespace: string; name: string; image: string };
  kubeconfig: string;
  kubectl: string;
}

/** What a person may type in another terminal to see the operator work. */
export function toTry({ sample, kubeconfig, kubectl }: Playground): string[] {
  const run = sh(kubectl);
  const where = sample.namespace === 'default' ? '' : ` -n ${sh(sample.namespace)}`;
  const patch = JSON.stringify({ spec: { image: withTag(sample.image, '2.0.0') } });
  return [
    'To try, in another terminal:',
    `  export KUBECONFIG=${sh(kubeconfig)}`,
    `  ${run} get restapi ${sample.name}${where} -w`,
    `  ${run} patch restapi ${sample.name}${where} --type=merge -p ${sh(patch)}`,
    `  ${run} delete deployment ${sample.name}-view${where}   # watch it come back`,
  ];
}

/** A text as one word of a POSIX shell. */
export function sh(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The image with another tag. A colon before a slash is a port's. */
function withTag(image: string, tag: string): string {
  return `${image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')}:${tag}`;
}
