import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  MappingType,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as ChartBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The Prometheus chosen by the variable `datasource`. */
export const SOURCE = { type: 'prometheus', uid: '$datasource' };

/** A query and the legend of its series. */
export type Query = [expr: string, legend: string];

/** Title, description and size of a panel. Width in columns (24 in all), height in rows of 30 pixels. */
export interface PanelText {
  title: string;
  description: string;
  unit?: string;
  width?: number;
  height?: number;
}

interface Sized {
  title(title: string): this;
  description(description: string): this;
  datasource(source: typeof SOURCE): this;
  span(columns: number): this;
  height(rows: number): this;
}

function described<B extends Sized>(builder: B, { title, description, width = 8, height = 7 }: PanelText): B {
  return builder.title(title).description(description).datasource(SOURCE).span(width).height(height);
}

function query(expr: string, legend: string, refId: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(SOURCE).expr(expr).legendFormat(legend).refId(refId);
}

function refIds<T>(items: readonly T[]): [T, string][] {
  return items.map((item, index) => [item, String.fromCharCode(65 + index)]);
}

/** Lines over time. */
export function chart(
  text: PanelText,
  queries: readonly Query[],
  options: { stacked?: boolean; perSeriesOf?: string; max?: number } = {},
): ChartBuilder {
  const legend = new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true);
  const panel = described(new ChartBuilder(), text)
    .unit(text.unit ?? 'short')
    .min(0)
    .lineWidth(1)
    .fillOpacity(options.stacked ? 40 : 10)
    .showPoints(VisibilityMode.Never)
    .legend(legend)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  if (options.stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  if (options.max !== undefined) panel.max(options.max);
  if (options.perSeriesOf) panel.repeat(options.perSeriesOf).repeatDirection('h').maxPerRow(2);
  for (const [[expr, legendFormat], refId] of refIds(queries))
    panel.withTarget(query(expr, legendFormat, refId).range());
  return panel;
}

/** The current value, one per series. `bad`: red from this value on; `good`: green from this value on, else red. */
export function figure(
  text: PanelText,
  [expr, legend]: Query,
  options: { bad?: number; good?: number; showsName?: boolean; none?: string } = {},
): Builder<Panel> {
  const steps: { value: number | null; color: string }[] = [
    { value: null, color: options.good === undefined ? 'green' : 'red' },
  ];
  if (options.bad !== undefined) steps.push({ value: options.bad, color: 'red' });
  if (options.good !== undefined) steps.push({ value: options.good, color: 'green' });
  const panel = described(new StatBuilder(), { height: 4, width: 4, ...text })
    .unit(text.unit ?? 'short')
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
    .withTarget(query(expr, legend, 'A').instant());
  if (options.showsName) panel.textMode(BigValueTextMode.Name);
  if (options.none !== undefined) panel.noValue(options.none);
  return panel;
}

/** One row per series, now. Shows the labels in `columns`, in this order, and the value if `value` names a column for it. */
export function table(
  text: PanelText,
  expr: string,
  columns: Record<string, string>,
  options: { value?: string; link?: { title: string; url: string; on: string } } = {},
): Builder<Panel> {
  const names = Object.keys(columns);
  const panel = described(new TableBuilder(), text)
    .noValue('none')
    .withTarget(query(expr, '', 'A').instant().format(PromQueryFormat.Table))
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true, ...(!options.value && { Value: true }) },
        indexByName: Object.fromEntries([...names, 'Value'].map((name, index) => [name, index])),
        renameByName: { ...columns, ...(options.value && { Value: options.value }) },
      },
    });
  if (options.value && text.unit) panel.overrideByName(options.value, [{ id: 'unit', value: text.unit }]);
  const { link } = options;
  if (link) {
    panel.overrideByName(columns[link.on] ?? link.on, [
      { id: 'links', value: [{ title: link.title, url: link.url, targetBlank: false }] },
    ]);
  }
  return panel;
}

/** A lane per series over time, with `words` for its values. */
export function timeline(
  text: PanelText,
  queries: readonly Query[],
  words: Record<string, [word: string, colour: string]>,
): Builder<Panel> {
  const options = Object.fromEntries(
    Object.entries(words).map(([value, [word, color]], index) => [value, { text: word, color, index }]),
  );
  const panel = described(new TimelineBuilder(), text)
    .mappings([{ type: MappingType.ValueToText, options }])
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .fillOpacity(80)
    .lineWidth(0);
  for (const [[expr, legend], refId] of refIds(queries)) panel.withTarget(query(expr, legend, refId).range());
  return panel;
}
