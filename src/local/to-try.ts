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

/** How to watch the played load, as lines. @param daySeconds how long a day of it takes */
export function toWatch({ sample, kubectl }: Playground, daySeconds: number): string[] {
  const run = quoteForShell(kubectl);
  const where = sample.namespace === 'default' ? '' : ` -n ${quoteForShell(sample.namespace)}`;
  return [
    `A day of load passes in ${daySeconds} s: a peak before noon, a higher one in the evening. Watch it:`,
    `  ${run} get hpa${where} -w                # pods follow the load of view, controller and model`,
    `  ${run} top pods${where}`,
    `  ${run} restapi status ${sample.name}${where}       # the plugin: scaling, forecast and recommended requests`,
    `  ${run} get restapi ${sample.name}${where} -o jsonpath='{.status.components[*].recommended}'   # after two minutes`,
    'The forecast has learned from 27 played days with a sale, which begins again in 15 minutes: it raises minReplicas',
    'of the controller before that.',
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
