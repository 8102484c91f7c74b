/**
 * On a phone the columns lie side by side and are swiped; this strip above them says which one is
 * seen, how far each is, and goes to one. On a wide screen it is not shown.
 */

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';

const ICONS = { whole: 'check', broken: 'warn', stopped: 'stop' };

/** @param {HTMLElement} grid what scrolls */
export function makeStrip(grid) {
  const element = h('nav', { class: 'strip', 'aria-label': t('compare.columns') });
  let buttons = [];
  let shown = [];

  function update(columns) {
    if (columns.length !== buttons.length || columns.some((column, at) => column !== shown[at])) {
      shown = [...columns];
      buttons = columns.map((column) => h('button', {
        type: 'button', title: column.model, on: { click: () => column.element.scrollIntoView({ inline: 'start', block: 'nearest' }) },
      }, h('span', { class: 'strip-state' }), h('span', { class: 'strip-name' }, column.model.split('/').at(-1))));
      element.replaceChildren(...buttons);
    }
    columns.forEach((column, at) => {
      const state = column.element.dataset.state;
      if (buttons[at].dataset.state === state) return;
      buttons[at].dataset.state = state;
      buttons[at].firstChild.replaceChildren(ICONS[state] ? icon(ICONS[state]) : '');
    });
    mark();
  }

  function mark() {
    const at = Math.round(Math.abs(grid.scrollLeft) / Math.max(1, grid.clientWidth));
    buttons.forEach((button, one) => {
      if (one === at) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    });
  }

  grid.addEventListener('scroll', mark, { passive: true });
  return { element, update, mark, close: () => grid.removeEventListener('scroll', mark) };
}
