/**
 * Plots in SVG, for eyes, hands and ears: the frame of each, and a sparkline.
 *
 * A plot is one image with a label and a description. It can be focused: arrow keys, Home and End,
 * or the pointer, move a cursor, and what stands there is told in a box that a screen reader hears.
 * Who calls gives the same figures as a table. All is placed in percent, so nothing is drawn anew
 * when the width changes.
 */

import { h, svg } from './dom.js';

/** Between the cursor and what is told of it. */
const GAP_PX = 10;

/** A share of 1, as SVG and CSS have it. */
export const percent = (share) => `${Math.round(share * 1e5) / 1e3}%`;

/** A round number that is not below `most`, and the steps up to it; whole ones for counts. */
export function scale(most, whole = false) {
  if (!(most > 0)) return { top: 1, levels: [0, 1] };
  const power = 10 ** Math.floor(Math.log10(most));
  let step = [0.25, 0.5, 1, 2, 2.5, 5].map((one) => one * power).find((one) => most / one <= 4);
  if (whole) step = Math.max(1, Math.ceil(step));
  const count = Math.ceil(most / step - 1e-9);
  return { top: count * step, levels: Array.from({ length: count + 1 }, (_, at) => at * step) };
}

/**
 * The frame around a drawing, with a cursor over its places.
 *
 * `count()` is how many places there are, `say(at)` gives the nodes that tell of one. The drawing
 * goes into `marks`; `refresh()` is called when the figures have changed.
 */
export function frame({ name, count, say }) {
  const desc = svg('desc');
  const marks = svg('g');
  const cursor = svg('line', { class: 'plot-cursor', y1: 0, y2: '100%', visibility: 'hidden' });
  const drawing = svg('svg', { class: 'plot-drawing', role: 'img', tabindex: 0 }, desc, marks, cursor);
  const told = h('div', { class: 'plot-told', hidden: true });
  const heard = h('div', { class: 'hidden', 'aria-live': 'polite' });
  const area = h('div', { class: 'plot-area' }, drawing, told);
  const element = h('div', { class: `plot ${name}` }, area, heard);
  let at = null;

  function move(to, aloud = false) {
    at = to === null || !count() ? null : Math.max(0, Math.min(count() - 1, to));
    told.hidden = at === null;
    cursor.setAttribute('visibility', at === null ? 'hidden' : 'visible');
    if (at === null) return;
    const x = percent((at + 0.5) / count());
    cursor.setAttribute('x1', x);
    cursor.setAttribute('x2', x);
    told.replaceChildren(...say(at));
    told.style.left = `${beside((at + 0.5) / count())}px`;
    if (aloud) heard.textContent = told.innerText.replace(/\s*\n+\s*/g, ', ');
  }

  /** Where the box begins: beside the cursor, on the side with more room, and within the plot. */
  function beside(share) {
    const room = area.clientWidth - told.offsetWidth;
    const wanted = share * area.clientWidth + (share < 0.5 ? GAP_PX : -GAP_PX - told.offsetWidth);
    return Math.max(Math.min(0, room), Math.min(Math.max(0, room), wanted));
  }

  function onKey(event) {
    const last = count() - 1;
    const to = { ArrowLeft: (at ?? last + 1) - 1, ArrowRight: (at ?? -1) + 1, Home: 0, End: last };
    if (event.key === 'Escape' && at !== null) move(null);
    else if (event.key in to) move(to[event.key], true);
    else return;
    event.preventDefault();
  }

  drawing.addEventListener('keydown', onKey);
  drawing.addEventListener('blur', () => move(null));
  drawing.addEventListener('pointerleave', () => move(null));
  drawing.addEventListener('pointermove', (event) => {
    const box = drawing.getBoundingClientRect();
    move(Math.floor(((event.clientX - box.left) / box.width) * count()));
  });
  return {
    element,
    marks,
    label(text, longer) {
      drawing.setAttribute('aria-label', text);
      desc.textContent = longer;
    },
    refresh: () => move(at),
  };
}

/**
 * A small plot without axes: a line, or bars with the part of each that is trouble.
 *
 * `update({label, summary, values, over, say})` draws it anew: `values` from left to right, null
 * where nothing was measured; `over` is the trouble in each.
 */
export function sparkline(kind) {
  let shown = { values: [] };
  const plot = frame({
    name: `spark spark-${kind}`,
    count: () => shown.values.length,
    say: (at) => shown.say(at),
  });

  function update(next) {
    shown = next;
    const most = Math.max(0, ...next.values) || 1;
    plot.marks.replaceChildren(
      ...(kind === 'line' ? [line(next.values, most)] : bars(next.values, next.over, most)),
    );
    plot.label(next.label, next.summary);
    plot.refresh();
  }
  return { element: plot.element, update };
}

function line(values, most) {
  const has = (at) => (values[at] ?? null) !== null;
  const point = (one, at) => `${((at + 0.5) / values.length) * 100} ${92 - (one / most) * 84}`;
  const lines = values.map((one, at) => (has(at) ? `${has(at - 1) ? 'L' : 'M'}${point(one, at)}` : ''));
  // A point between gaps is a line without length: its round ends make it a dot.
  const dots = values.map((one, at) => (has(at) && !has(at - 1) && !has(at + 1) ? `M${point(one, at)}h0` : ''));
  const drawn = (name, d) => svg('path', { class: name, d: d.join(''), 'vector-effect': 'non-scaling-stroke' });
  const whole = { width: '100%', height: '100%', viewBox: '0 0 100 100', preserveAspectRatio: 'none' };
  return svg('svg', whole, drawn('plot-line', lines), drawn('plot-line plot-dot', dots));
}

function bars(values, over, most) {
  const bar = (at, size, name) => {
    // The least one can still be seen.
    const height = Math.max(0.06, size / most);
    return svg('rect', {
      class: name, x: percent((at + 0.1) / values.length), width: percent(0.8 / values.length),
      y: percent(1 - height), height: percent(height),
    });
  };
  return values.flatMap((one, at) => [
    one ? bar(at, one, 'plot-fine') : null,
    over[at] ? bar(at, over[at], 'plot-trouble') : null,
  ]).filter(Boolean);
}
