/** One line of an exposition. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** What a scrape found. */
export class Exposition {
  readonly samples: readonly Sample[];
  /** Type of each metric by its name. */
  readonly types: ReadonlyMap<string, string>;

  constructor(samples: readonly Sample[], types: ReadonlyMap<string, string>) {
    this.samples = samples;
    this.types = types;
  }

  /** The samples of this name with at least these labels. */
  of(name: string, labels: Record<string, string> = {}): Sample[] {
    return this.samples.filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
  }

  /** Their sum; undefined if there is none. */
  sum(name: string, labels: Record<string, string> = {}): number | undefined {
    const found = this.of(name, labels);
    return found.length === 0 ? undefined : found.reduce((total, { value }) => total + value, 0);
  }
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\[\\\\"n])*)"';
const HELP = new RegExp(`^# HELP (${NAME}) (\\S.*)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary)$`);
// prom-client writes Nan; Prometheus reads numbers by Go's ParseFloat, which takes either.
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (Na[Nn]|[+-]?Inf|[+-]?[0-9.]+(?:e[+-]?[0-9]+)?)$`,
);

/**
 * Reads the text format 0.0.4 of Prometheus, and is stricter than Prometheus: every metric says once, before its
 * samples, what it is; no sample comes twice; buckets rise and end with the count.
 * Rules: https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * @throws Error that names the line
 */
export function parseExposition(text: string): Exposition {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const helps = new Set<string>();
  const types = new Map<string, string>();
  const seen = new Set<string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n').filter((other) => other !== '')) {
    const help = HELP.exec(line)?.[1];
    const [, typed, type] = TYPE.exec(line) ?? [];
    const [, name, labelText = ''] = SAMPLE.exec(line) ?? [];
    if (help) {
      if (helps.has(help)) throw new Error(`help comes twice: ${line}`);
      helps.add(help);
    } else if (typed && type) {
      if (types.has(typed) || !helps.has(typed)) throw new Error(`type comes twice, or without help: ${line}`);
      types.set(typed, type);
    } else if (name) {
      const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
      if (family !== [...types.keys()].at(-1)) throw new Error(`not after its type: ${line}`);
      const labels = [...labelText.matchAll(new RegExp(LABEL, 'g'))].map(([, label = '', value = '']) => [
        label,
        value,
      ]);
      const series = `${name} ${JSON.stringify(labels.toSorted())}`;
      if (seen.has(series)) throw new Error(`comes twice: ${line}`);
      seen.add(series);
      samples.push({
        name,
        labels: Object.fromEntries(labels),
        value: numberOf(line.slice(line.lastIndexOf(' ') + 1)),
      });
    } else {
      throw new Error(`no line of the format: ${line}`);
    }
  }
  for (const [name, type] of types) if (type === 'histogram') checkHistogram(name, samples);
  return new Exposition(samples, types);
}

function numberOf(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const byLabels = new Map<string, Sample[]>();
  for (const sample of samples.filter((other) => other.name === `${name}_bucket`)) {
    const { le: _le, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    byLabels.set(key, [...(byLabels.get(key) ?? []), sample]);
  }
  for (const [labels, buckets] of byLabels) {
    const rising = buckets.every(
      ({ value, labels: { le = '' } }, index) =>
        index === 0 ||
        (value >= (buckets[index - 1]?.value ?? 0) && numberOf(le) > numberOf(buckets[index - 1]?.labels.le ?? '')),
    );
    const last = buckets.at(-1);
    const count = samples.find(
      (other) => other.name === `${name}_count` && JSON.stringify(other.labels) === labels,
    )?.value;
    if (!rising || last?.labels.le !== '+Inf' || last.value !== count) {
      throw new Error(`the buckets of ${name} ${labels} do not rise to its count`);
    }
  }
}
