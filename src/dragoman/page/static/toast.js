/**
 * Words to everybody, for some seconds.
 */

import { h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';

const SHOWN_MS = 7000;

/**
 * Show words for some seconds, with at most one thing to do about them.
 *
 * @param {string} text
 * @param {{label: string, run: () => void}} [action]
 */
export function toast(text, action) {
  const note = h('div', { class: 'toast', dir: 'auto' }, h('span', {}, text));
  const close = () => note.remove();
  if (action) {
    const act = () => {
      close();
      action.run();
    };
    note.append(h('button', { type: 'button', class: 'link', on: { click: act } }, action.label));
  }
  note.append(
    h('button', { type: 'button', class: 'icon-button', 'aria-label': t('close'), on: { click: close } },
      icon('close')),
  );
  const region = document.querySelector('#toasts');
  region.append(note);
  if (region.children.length > 3) region.firstChild.remove();
  let timer = setTimeout(close, SHOWN_MS);
  note.onmouseenter = note.onfocusin = () => clearTimeout(timer);
  note.onmouseleave = () => {
    timer = setTimeout(close, SHOWN_MS);
  };
}
