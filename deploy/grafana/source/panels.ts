import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  type DataSourceRef,
  type DynamicConfigValue,
  MappingType,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMappingResult,
} from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as text from '@grafana/grafana-foundation-sdk/text';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

import { boardUrl, type BoardName, runbookUrl } from './addresses.js';
import type { Query } from './queries.js';
import { POSTGRES, PROMETHEUS } from './sources.js';

/** What all panels have. */
interface PanelTraits {
  readonly title: string;
  /** What it shows, and what to think of it. */
  readonly about: string;
  readonly queries: readonly Query[];
  /** Grafana's name of the unit. */
  readonly unit?: string;
  /** Of the 24 columns of a dashboard. */
  readonly width?: number;
  /** In Grafana's rows of 30 pixels. */
  readonly height?: number;
  /** From which values on it is orange, and red. */
  readonly limits?: readonly [warning: number, critical?: number];
  /** Alerts that look at the same: it links to their runbooks. */
  readonly alerts?: readonly string[];
  /** The dashboard that tells more. */
  readonly more?: BoardName;
}

interface GraphTraits extends PanelTraits {
  readonly isStacked?: boolean;
  /** Where the queries are for the database. */
  readonly source?: DataSourceRef;
  /** The least distance of points: what happens seldom needs a longer one to have a rate at all. */
  readonly interval?: string;
}

interface StatTraits extends PanelTraits {
  /** Words and colours for values. */
  readonly words?: Record<string, ValueMappingResult>;
}

interface TableTraits extends PanelTraits {
  readonly source?: DataSourceRef;
  /** How columns are shown, by their names; those that aren't here are shown as they are. */
  readonly columns?: Readonly<Record<string, Column>>;
}

interface Column {
  readonly name?: string;
  readonly unit?: string;
  readonly isHidden?: boolean;
  /** The dashboard that a cell leads to, which takes the cell's text as its input `client`. */
  readonly leadsTo?: BoardName;
}

/** Values over time. */
export function graph({ isStacked = false, source, interval, ...traits }: GraphTraits): cog.Builder<Panel> {
  const tooltip = new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);
  const legend = new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs([]);
  const builder = new timeseries.PanelBuilder().legend(legend).tooltip(tooltip).lineWidth(1).min(0);
  if (interval !== undefined) builder.interval(interval);
  if (traits.limits !== undefined)
    builder.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  builder.fillOpacity(isStacked ? 30 : 8);
  if (isStacked) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  return dressed(builder, traits, source);
}

/** One number for each series, with how it came about behind it. */
export function figure({ words, ...traits }: StatTraits): cog.Builder<Panel> {
  const builder = new stat.PanelBuilder()
    .colorMode(words === undefined ? BigValueColorMode.Value : BigValueColorMode.Background)
    .graphMode(words === undefined ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .reduceOptions(lastValue());
  if (words !== undefined) builder.mappings([{ type: MappingType.ValueToText, options: words }]);
  return dressed(builder, { width: 4, height: 4, ...traits });
}

/** One bar for each series, from 0 to 1. */
export function bars(traits: PanelTraits): cog.Builder<Panel> {
  const builder = new bargauge.PanelBuilder()
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(lastValue())
    .min(0)
    .max(1);
  return dressed(builder, traits);
}

/** The buckets of a histogram over time. */
export function heat(traits: PanelTraits): cog.Builder<Panel> {
  const builder = new heatmap.PanelBuilder()
    .yAxis(new heatmap.YAxisConfigBuilder().unit(traits.unit ?? 'short'))
    .hideLegend();
  return dressed(builder, traits);
}

/** Rows. */
export function list({ columns = {}, source = POSTGRES, ...traits }: TableTraits): cog.Builder<Panel> {
  const builder = new table.PanelBuilder().showHeader(true);
  if (traits.queries.length > 1) builder.withTransformation({ id: 'merge', options: {} });
  for (const [name, column] of Object.entries(columns)) builder.overrideByName(name, propertiesOf(column));
  return dressed(builder, { height: 10, ...traits }, source);
}

/** A text in Markdown. */
export function note(title: string, content: string, height: number): cog.Builder<Panel> {
  return new text.PanelBuilder()
    .title(title)
    .mode(text.TextMode.Markdown)
    .content(content)
    .span(24)
    .height(height);
}

/** The parts that the library's builders of panels have in common. */
interface PanelBuilder extends cog.Builder<Panel> {
  title(title: string): this;
  description(text: string): this;
  datasource(source: DataSourceRef): this;
  span(width: number): this;
  height(height: number): this;
  unit(unit: string): this;
  thresholds(thresholds: ThresholdsConfigBuilder): this;
  links(links: DashboardLinkBuilder[]): this;
  withTarget(query: Query): this;
}

function dressed<B extends PanelBuilder>(
  builder: B,
  traits: PanelTraits,
  source: DataSourceRef = PROMETHEUS,
): B {
  const { title, about, queries, unit = 'short', width = 8, height = 8, limits, alerts = [], more } = traits;
  builder.title(title).description(about).datasource(source).span(width).height(height).unit(unit);
  builder.thresholds(thresholds(limits));
  queries.forEach((query, index) => builder.withTarget(query.refId(String.fromCharCode(65 + index))));
  const runbooks = alerts.map((alert) => link(`Runbook: ${alert}`, runbookUrl(alert)));
  const links = more === undefined ? runbooks : [link('More about this', boardUrl(more)), ...runbooks];
  return links.length === 0 ? builder : builder.links(links);
}

function thresholds(limits: PanelTraits['limits']): ThresholdsConfigBuilder {
  const [warning, critical] = limits ?? [];
  const steps = [{ value: null, color: 'green' }, ...step(warning, 'orange'), ...step(critical, 'red')];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

function step(value: number | undefined, color: string): { value: number; color: string }[] {
  return value === undefined ? [] : [{ value, color }];
}

function link(title: string, url: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url);
}

function propertiesOf({ name, unit, isHidden, leadsTo }: Column): DynamicConfigValue[] {
  const properties = [
    { id: 'displayName', value: name },
    { id: 'unit', value: unit },
    { id: 'custom.hidden', value: isHidden },
    { id: 'links', value: leadsTo && [linkFrom(leadsTo)] },
  ];
  return properties.filter(({ value }) => value !== undefined);
}

function linkFrom(board: BoardName): { readonly title: string; readonly url: string } {
  const url = `${boardUrl(board)}&var-client=\${__value.raw:percentencode}`;
  return { title: 'More about ${__value.raw}', url };
}

function lastValue(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false);
}
