/**
 * Bars that are stacked by name, with an axis at the side and one below.
 */

import { h, svg } from './dom.js';
import { frame, percent, scale } from './plot.js';

/**
 * The plot.
 *
 * @param {object} of
 * @param {string} of.label
 * @param {string} of.summary what a reader who sees nothing should know of it
 * @param {{name: string, tone: string, values: number[]}[]} of.series a value for each place
 * @param {number} of.places
 * @param {boolean} of.whole whether values are counts
 * @param {(value: number) => string} of.format
 * @param {(at: number) => string} of.when
 * @param {{at: number, text: string}[]} of.ticks
 * @param {string} of.total the word for the sum of a place
 * @returns {HTMLElement}
 */
export function stackedBars(of) {
  const { series, places, format } = of;
  const sums = Array.from({ length: places }, (_, at) =>
    series.reduce((sum, one) => sum + one.values[at], 0));
  const { top, levels } = scale(Math.max(0, ...sums), of.whole);
  const plot = frame({ name: places > 40 ? 'bars dense' : 'bars', count: () => places, say });

  function say(at) {
    const rows = series.filter((one) => one.values[at] > 0)
      .map((one) => row(one.name, one.values[at], one.tone));
    if (rows.length !== 1) rows.push(row(of.total, sums[at]));
    return [h('strong', {}, of.when(at)), ...rows];
  }
  const row = (name, value, tone) =>
    h('div', { class: 'plot-row', data: tone ? { tone } : {} }, h('span', { dir: 'auto' }, name), h('b', {}, format(value)));

  plot.label(of.label, of.summary);
  plot.marks.append(...levels.map((level) => grid(1 - level / top)), ...drawn(series, places, top));
  plot.element.append(
    axis('plot-side', 'top', levels.map((level) => ({ text: format(level), at: 1 - level / top }))),
    axis('plot-foot', 'left', of.ticks.map(({ at, text }) => ({ text, at: (at + 0.5) / places }))),
  );
  return plot.element;
}

function grid(at) {
  return svg('line', { class: 'plot-grid', x1: 0, x2: '100%', y1: percent(at), y2: percent(at) });
}

function drawn(series, places, top) {
  const gap = places > 60 ? 0.06 : 0.14;
  const base = new Array(places).fill(0);
  return series.flatMap(({ tone, values }) => values.flatMap((value, at) => {
    if (!(value > 0)) return [];
    base[at] += value;
    return [svg('rect', {
      class: 'plot-bar', 'data-tone': tone,
      x: percent((at + gap) / places), width: percent((1 - 2 * gap) / places),
      y: percent(1 - base[at] / top), height: percent(value / top),
    })];
  }));
}

function axis(name, edge, marks) {
  // The description and the table have these figures for who does not see them.
  const element = h('div', { class: name, 'aria-hidden': 'true' });
  for (const { text, at } of marks) {
    const mark = h('span', {}, text);
    mark.style[edge] = percent(at);
    element.append(mark);
  }
  return element;
}
