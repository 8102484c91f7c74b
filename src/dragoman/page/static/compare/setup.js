/**
 * Which models to compare: two to four pickers. The choice is kept for the next comparison.
 */

import { makePicker } from '../chat/picker.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';

const LEAST = 2;
const MOST = 4;
const KEPT = 'dragoman.compare';

/** @param {import('../app.js').App} app @param {string[]} known names of models to begin with */
export function makeSetup(app, known) {
  let rows = [];
  const list = h('ul', { class: 'setup-models' });
  const more = h('button', { type: 'button', class: 'button', on: { click: () => add('', true) } }, icon('plus'), t('compare.add'));
  const element = h('div', { class: 'setup', role: 'group', 'aria-label': t('compare.models') },
    h('p', { class: 'setup-hint' }, t('compare.hint')), list, more);

  function add(value, focus = false) {
    const row = { picker: makePicker(app, { label: t('compare.model', { n: rows.length + 1 }), value, change: keep }) };
    row.out = h('button', { type: 'button', class: 'icon-button', on: { click: () => drop(row) } }, icon('close'));
    row.element = h('li', {}, row.picker.element, row.out);
    rows.push(row);
    list.append(row.element);
    draw();
    if (focus) row.picker.field.focus();
  }

  function drop(row) {
    rows = rows.filter((one) => one !== row);
    row.element.remove();
    draw();
    keep();
    (more.hidden ? rows.at(-1).picker.field : more).focus();
  }

  function draw() {
    rows.forEach((row, at) => {
      const label = t('compare.model', { n: at + 1 });
      row.picker.field.setAttribute('aria-label', label);
      row.out.setAttribute('aria-label', t('compare.remove', { model: row.picker.value || label }));
      row.out.hidden = rows.length <= LEAST;
    });
    more.hidden = rows.length >= MOST;
    list.dataset.count = rows.length;
  }

  function keep() {
    draw();
    localStorage.setItem(KEPT, JSON.stringify(rows.map((row) => row.picker.value)));
  }

  for (const name of start(known)) add(name);
  return {
    element,
    models: () => rows.map((row) => row.picker.value).filter(Boolean),
  };
}

/** What was compared last; else the first that there are. */
function start(known) {
  let kept = [];
  try {
    kept = JSON.parse(localStorage.getItem(KEPT) ?? '[]').filter((name) => typeof name === 'string').slice(0, MOST);
  } catch {
    // Somebody else's words: begin anew.
  }
  const others = known.filter((name) => !kept.includes(name));
  return Array.from({ length: Math.max(LEAST, kept.length) }, (_, at) => kept[at] || others.shift() || '');
}
