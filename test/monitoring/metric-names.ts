import { parser } from '@prometheus-io/lezer-promql';

/**
 * The names of metrics in an expression of PromQL: names of functions, labels and operators are none.
 *
 * @throws Error that shows where it cannot be read
 */
export function metricNames(expr: string): string[] {
  const names = new Set<string>();
  parser.parse(expr).iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`no PromQL at character ${node.from}: ${expr}`);
      // {__name__="…"} would be a name as well.
      if (node.name === 'QuotedLabelName') throw new Error(`a name in quotes is not looked at: ${expr}`);
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector') {
        names.add(expr.slice(node.from, node.to));
      }
    },
  });
  if (expr.includes('__name__')) throw new Error(`a metric must be named outside its braces: ${expr}`);
  return [...names];
}
