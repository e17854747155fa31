import { parser } from '@prometheus-io/lezer-promql';

/**
 * Returns the names of the metrics in a PromQL expression.
 *
 * @throws Error with the position where the expression cannot be parsed
 */
export function metricNames(expr: string): string[] {
  const names = new Set<string>();
  parser.parse(expr).iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`invalid PromQL at character ${node.from}: ${expr}`);
      // A quoted name in braces is a metric name too.
      if (node.name === 'QuotedLabelName') throw new Error(`quoted metric names are not supported: ${expr}`);
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector') {
        names.add(expr.slice(node.from, node.to));
      }
    },
  });
  if (expr.includes('__name__')) throw new Error(`a metric must be named outside its braces: ${expr}`);
  return [...names];
}
