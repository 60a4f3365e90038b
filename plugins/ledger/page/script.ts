/** Draws the charts of the page with uPlot, anew when the width or the colours of the system change. Plain JavaScript, as it goes into the page. */
export const SCRIPT = `'use strict';
const { x, widthMs, charts } = JSON.parse(document.getElementById('data').textContent);
const NAMES = ['--one', '--two', '--three'];
const DASHES = [[], [7, 4], [2, 3]];
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const tiny = new Intl.NumberFormat('en', { maximumFractionDigits: 12, maximumSignificantDigits: 3 });
const exact = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });
const UNITS = {
  dollars: (value) => '$' + (value >= 1000 ? compact : value < 0.001 ? tiny : exact).format(value),
  count: (value) => compact.format(value),
  ms: (value) => value < 1000 ? Math.round(value) + ' ms' : exact.format(Number((value / 1000).toPrecision(3))) + ' s',
  share: (value) => exact.format(Math.floor(value * 1000) / 10) + '%',
};
const two = (number) => String(number).padStart(2, '0');
const day = (date) => two(date.getUTCMonth() + 1) + '-' + two(date.getUTCDate());
const time = (date) => two(date.getUTCHours()) + ':' + two(date.getUTCMinutes());
const moment = (seconds) => { const date = new Date(seconds * 1000); return date.getUTCFullYear() + '-' + day(date) + (widthMs < 86400000 ? ' ' + time(date) : ''); };
const ticks = (plot, splits, axis, space, step) => splits.map((split) => {
  if (split % 60 !== 0) return '';
  const date = new Date(split * 1000);
  if (step >= 28 * 86400) return date.getUTCFullYear() + '-' + two(date.getUTCMonth() + 1);
  return step >= 86400 || date.getTime() % 86400000 === 0 ? day(date) : time(date);
});
function stacked(series) {
  const sums = x.map(() => 0);
  return series.map(({ values }) => values.map((value, at) => (sums[at] += value)));
}
// The last stretch is shown while no other is pointed at.
const rest = (plot) => { if (plot.cursor.idx == null && x.length > 0) plot.setLegend({ idx: x.length - 1 }, false); };
function draw(chart) {
  const place = document.getElementById('plot-' + chart.id);
  const isBars = chart.kind === 'bars';
  const show = UNITS[chart.unit];
  // The highest stack is drawn first, so that the lower ones stand before it.
  const order = chart.series.map((_, at) => at);
  if (isBars) order.reverse();
  const columns = isBars ? stacked(chart.series) : chart.series.map(({ values }) => values);
  const axis = { stroke: color('--muted'), grid: { stroke: color('--grid'), width: 1 }, ticks: { stroke: color('--grid'), width: 1 }, font: '12px system-ui, sans-serif' };
  const top = (low, high) => chart.unit === 'share' ? [0, 1.02] : [0, high > 0 ? high * 1.08 : 1];
  const half = widthMs / 2000;
  const options = {
    width: place.clientWidth, height: 200, tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { drag: { x: false, y: false }, points: { size: 7 } }, hooks: { ready: [rest], setCursor: [rest] },
    // Of the data, since uPlot makes up an end where there is one stretch only.
    scales: { x: { range: () => x.length === 0 ? [0, 1] : [x[0] - half * 1.2, x[x.length - 1] + half * 1.2] }, y: { range: (plot, low, high) => top(low, high) } },
    axes: [{ ...axis, values: ticks, space: 64, size: 32 }, { ...axis, size: (plot, values) => Math.max(62, 16 + 7.5 * Math.max(0, ...(values || []).map((text) => text.length))), values: (plot, splits) => splits.map((split) => split > 1 && chart.unit === 'share' || chart.unit === 'count' && split % 1 !== 0 ? '' : show(split)), ...(chart.unit === 'share' && { splits: () => [0, 0.25, 0.5, 0.75, 1] }) }],
    series: [{ label: 'from (UTC)', value: (plot, seconds) => seconds === null ? '–' : moment(seconds) }, ...order.map((at) => ({
      label: chart.series[at].label, stroke: color(NAMES[at]), width: isBars ? 1 : 2, dash: isBars ? undefined : DASHES[at], spanGaps: true,
      ...(isBars ? { fill: color(NAMES[at]), paths: uPlot.paths.bars({ size: [0.8, 40] }), points: { show: false } } : { points: { show: true, size: 5, fill: color(NAMES[at]) } }),
      value: (plot, _, series, index) => index === null || chart.series[at].values[index] === null ? '–' : show(chart.series[at].values[index]),
    }))],
  };
  const plot = new uPlot(options, [x, ...order.map((at) => columns[at])], place);
  plot.root.querySelectorAll('.u-legend .u-series').forEach((row, at) => { if (at > 0 && !isBars) row.querySelector('.u-marker').style.borderStyle = ['solid', 'dashed', 'dotted'][order[at - 1]]; });
  return { plot, place };
}
let drawn = charts.map(draw);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { drawn.forEach(({ plot }) => plot.destroy()); drawn = charts.map(draw); });
const fit = () => drawn.forEach(({ plot, place }) => { if (plot.width !== place.clientWidth) plot.setSize({ width: place.clientWidth, height: 200 }); });
// In the next frame: what is resized within the notice of a resize is told of once more.
new ResizeObserver(() => requestAnimationFrame(fit)).observe(document.querySelector('.charts'));
`;
