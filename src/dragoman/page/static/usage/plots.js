/**
 * Requests, tokens and price over time, each stacked by name; one legend for the three.
 */

import { h, newId } from '../dom.js';
import { date, money, number, short, t } from '../i18n.js';
import { stackedBars } from '../plot-bars.js';
import { nameOf } from './names.js';
import { seriesOf } from './series.js';

const PLOTS = [
  { what: 'requests', whole: true, format: (value) => number(value) },
  { what: 'tokens', whole: true, format: short },
  { what: 'cost', whole: false, format: (value) => (value ? money(value) : number(0)) },
];
const TICKS = 7;

export function plots(usage, by, span) {
  const found = seriesOf(usage.series, span, by === 'day');
  const name = (of) => (of === null ? t(by === 'day' ? 'spent.all' : 'spent.others') : nameOf(by, of));
  const legend = h('ul', { class: 'legend', hidden: found.names.length < 2, 'aria-label': t('spent.legend') }, ...found.names.map(({ of, tone }) =>
    h('li', { data: { tone } }, h('span', { dir: 'auto' }, name(of)))));
  return h('div', {}, legend, h('div', { class: 'usage-plots' }, ...PLOTS.map((plot) => {
    const series = found.measure(plot.what).map((one) => ({ ...one, name: name(one.of) }));
    return one(plot, series, span);
  })));
}

function one({ what, whole, format }, series, span) {
  const id = newId('plot');
  const time = (at) => span.since + at * span.step_s;
  const shape = span.bucket === 'hour' ? { hour: 'numeric', minute: '2-digit' } : { day: 'numeric', month: 'short' };
  const longer = { weekday: 'short', ...shape };
  const sum = series.reduce((all, { values }) => all + values.reduce((so, value) => so + value, 0), 0);
  const title = t(`spent.plot.${what}`);
  const plot = sum === 0 ? h('p', { class: 'plot-none' }, t(`spent.plot.${what}.none`)) : stackedBars({
    label: title,
    summary: t('spent.plot.summary', { sum: format(sum), from: date(span.since), to: date(span.until) }),
    series, places: span.places, whole, format,
    when: (at) => date(time(at), longer),
    ticks: ticks(span.places).map((at) => ({ at, text: date(time(at), shape) })),
    total: t('spent.total'),
  });
  return h('section', { class: 'usage-plot', 'aria-labelledby': id },
    h('h2', { id }, title, ' ', h('b', {}, format(sum))), plot);
}

/** A few places with the same distance, the last one among them. */
function ticks(places) {
  const every = Math.max(1, Math.ceil(places / TICKS));
  const found = [];
  for (let at = places - 1; at >= 0; at -= every) found.unshift(at);
  return found;
}
