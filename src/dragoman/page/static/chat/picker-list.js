/**
 * The list of a model picker: what fits the typed words, and the one that Enter would choose.
 */

import { h, newId } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { markOf, saidOf } from './models.js';

/** Typing says better what is wanted than scrolling through more. */
const MOST = 400;
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

/**
 * Those that fit every word, in groups: routes first, then each provider.
 *
 * @param {import('../types.js').Model[]} models
 * @param {string} typed
 * @returns {Map<string, object[]>} by the name of the group
 */
export function grouped(models, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (model) => words.every((word) => model.name.toLowerCase().includes(word));
  const groups = Map.groupBy(models.filter(fits), (model) => (model.kind === 'route' ? '' : model.provider));
  return new Map([...groups].sort(([a], [b]) => Number(a !== '') - Number(b !== '')));
}

const shortName = ({ name, provider }) => (provider ? name.slice(provider.length + 1) : name);

/** Made by picker.js for its field; `found()` is the list of models, `value()` what is chosen. */
export function makeList({ field, element, label, choose, refresh, value, found }) {
  let rows = [];
  let active = -1;
  let typed = null;
  /** Enter came before the models did. */
  let hurry = false;
  const list = h('div', { id: field.getAttribute('aria-controls'), role: 'listbox', 'aria-label': label });
  const quiet = h('p', { class: 'quiet', role: 'status' });
  const popup = h('div', { class: 'picker-list', hidden: true }, list, quiet);
  element.append(popup);

  function draw() {
    const { models, failed } = found();
    let left = MOST;
    rows = [];
    list.replaceChildren(...[...grouped(models, typed ?? '')].map(([provider, ones]) => {
      const heading = newId('group');
      const options = ones.slice(0, left).map((one) => option(one));
      left -= options.length;
      return options.length && h('div', { role: 'group', 'aria-labelledby': heading },
        h('div', { class: 'group', id: heading, role: 'presentation' }, provider || t('model.routes')), ...options);
    }).filter(Boolean));
    // A provider may answer for models that it does not list.
    const free = typed?.trim();
    if (free?.includes('/') && !models.some(({ name }) => name === free)) {
      list.append(option({ name: free, state: 'unknown' }, t('model.use', { name: free })));
    }
    list.hidden = !rows.length;
    const notes = failed.map((one) => t('model.provider_failed', one));
    quiet.textContent = (rows.length ? notes : [t('model.none'), ...notes]).join(' ');
    // Who types a whole name means that one, and not the first that begins like it.
    const named = rows.findIndex(({ dataset: { name } }) => name === (free ?? value()) || (free && name.endsWith(`/${free}`)));
    point(typed === null ? named : Math.max(named, Math.min(0, rows.length - 1)));
  }

  function option(model, name = shortName(model)) {
    const mark = markOf(model);
    const made = h('div', {
      role: 'option', id: newId('model'), data: { name: model.name, mark },
      'aria-selected': String(model.name === value()),
      on: { click: () => take(made), pointermove: () => rows[active] !== made && point(rows.indexOf(made), false) },
    },
    h('span', { class: 'dot', data: { mark } }),
    h('span', { class: 'name' }, name),
    model.images && h('span', { class: 'takes', title: t('model.images') }, icon('image'), h('span', { class: 'hidden' }, t('model.images'))),
    h('small', {}, saidOf(model)));
    rows.push(made);
    return made;
  }

  function point(at, scroll = true) {
    rows[active]?.classList.remove('active');
    active = at;
    rows[at]?.classList.add('active');
    if (scroll) rows[at]?.scrollIntoView({ block: 'nearest' });
    if (rows[at]) field.setAttribute('aria-activedescendant', rows[at].id);
    else field.removeAttribute('aria-activedescendant');
  }

  function open() {
    if (!popup.hidden) return;
    typed = null;
    popup.hidden = false;
    const { top, bottom, left } = element.getBoundingClientRect();
    const below = innerHeight - bottom;
    popup.classList.toggle('above', below < top);
    popup.classList.toggle('from-end', left + popup.offsetWidth > innerWidth - 8);
    popup.style.maxHeight = `${Math.min(440, Math.max(top, below) - 24)}px`;
    field.setAttribute('aria-expanded', 'true');
    draw();
    refresh();
  }

  function close() {
    popup.hidden = true;
    field.setAttribute('aria-expanded', 'false');
    field.removeAttribute('aria-activedescendant');
    field.value = value();
  }

  function take(row) {
    hurry = false;
    close();
    choose(row.dataset.name);
  }

  function press(key) {
    hurry = false;
    if (key === 'Escape') close();
    else if (key === 'Enter' && rows[active]) take(rows[active]);
    else if (key === 'Enter') hurry = true;
    else if (popup.hidden) open();
    else if (rows.length) {
      const at = active + STEPS[key];
      point(Math.abs(STEPS[key]) === 1 ? (at + rows.length) % rows.length : Math.max(0, Math.min(rows.length - 1, at)));
    }
  }

  // The field keeps the focus while the list is used with a pointer.
  popup.onmousedown = (event) => event.preventDefault();

  return {
    open,
    close,
    press,
    /** Whether a key is for the list. */
    takes: (key) => key in STEPS || !popup.hidden,
    /** Something was typed. */
    type() {
      open();
      typed = field.value;
      hurry = false;
      draw();
    },
    /** The models were read again, or could not be. */
    redraw(read) {
      if (popup.hidden && !hurry) return;
      draw();
      if (!read) quiet.textContent = t('model.failed');
      else if (hurry && rows[active]) take(rows[active]);
    },
  };
}
