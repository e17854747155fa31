import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { SOURCE } from './panels.ts';

/** The variable that chooses the Prometheus. */
export function datasourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus');
}

/** A variable over the values of a label, refreshed when the time range changes. `many`: allows several; default all. */
export function labelVariable(
  name: string,
  text: string,
  series: string,
  options: { label?: string; many?: boolean } = {},
): QueryVariableBuilder {
  const query = `label_values(${series}, ${options.label ?? name})`;
  const variable = new QueryVariableBuilder(name)
    .label(text)
    .datasource(SOURCE)
    .query({ query, refId: name })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
  if (!options.many) return variable;
  return variable.multi(true).includeAll(true).allValue('.+').current({ selected: true, text: 'All', value: '$__all' });
}
