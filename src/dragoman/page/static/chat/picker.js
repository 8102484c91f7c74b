/**
 * The model picker: a combobox that filters as one types, with the models grouped by provider and
 * marked with what works now. This is its field; the list is in picker-list.js, loaded with the
 * first focus.
 *
 *     const picker = makePicker(app, {label, value, change: (name) => ...})
 *     bar.append(picker.element); picker.value = 'work/small'; picker.chosen() // its row, or null
 *
 * Source: W3C, "ARIA Authoring Practices Guide", combobox with list autocomplete, read 2026-11-21.
 */

import { h, newId } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { later } from '../later.js';
import { markOf, saidOf, withRoutes } from './models.js';

const KEYS = new Set(['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Enter', 'Escape']);

/**
 * @param {import('../types.js').App} app
 * @param {object} options
 * @param {string} [options.label] the accessible name; "Model" by default
 * @param {string} [options.value] the name of a model
 * @param {(name: string) => void} [options.change] another one was chosen
 */
export function makePicker(app, { label = t('model'), value = '', change = () => {} } = {}) {
  let found = { models: [], failed: [] };
  let list = null;
  let loading = null;
  const field = h('input', {
    type: 'text', role: 'combobox', 'aria-label': label, 'aria-controls': newId('models'), 'aria-expanded': 'false',
    'aria-autocomplete': 'list', autocomplete: 'off', spellcheck: false, placeholder: t('model.choose'), value,
  });
  const dot = h('span', { class: 'dot', 'aria-hidden': 'true' });
  const element = h('div', { class: 'picker' }, dot, field, icon('chevron'));
  const chosen = () => found.models.find((model) => model.name === value) ?? null;

  async function refresh(fresh) {
    const told = await app.models(fresh).catch(() => null);
    if (told) found = { ...told, models: withRoutes(told.models) };
    const model = chosen();
    dot.dataset.mark = model ? markOf(model) : 'unknown';
    field.title = model ? `${value}: ${saidOf(model)}` : value;
    list?.redraw(Boolean(told));
  }

  function choose(name) {
    const changed = name !== value;
    field.value = value = name;
    refresh();
    if (changed) change(name);
  }

  function withList(run) {
    loading ??= later(() => import('./picker-list.js')).then(({ makeList }) => {
      list = makeList({ field, element, label, choose, refresh, value: () => value, found: () => found });
    });
    if (list) run();
    else loading.then(() => document.activeElement === field && run());
  }

  field.onfocus = () => {
    field.select();
    withList(() => {});
  };
  field.onclick = () => withList(() => list.open());
  field.oninput = () => withList(() => list.type());
  field.onblur = () => {
    list?.close();
    field.value = value;
  };
  field.onkeydown = (event) => {
    if (event.isComposing || !KEYS.has(event.key) || (list && !list.takes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    withList(() => list.takes(event.key) && list.press(event.key));
  };
  refresh();

  return {
    element,
    field,
    chosen,
    refresh,
    get value() {
      return value;
    },
    set value(name) {
      const isRead = document.activeElement === field;
      // What somebody types meanwhile stays.
      if (!isRead || field.value === value) field.value = name;
      if (isRead && field.value === name) field.select();
      value = name;
      refresh();
    },
  };
}
