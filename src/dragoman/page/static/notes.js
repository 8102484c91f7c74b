/**
 * Short words to the reader: toasts for all, and a polite live region for screen readers.
 */

import { h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';

const SHOWN_MS = 7000;

/** Say something to a screen reader when it has a moment. */
export function announce(text) {
  const region = document.querySelector('#status');
  region.textContent = '';
  // The same words twice are read twice only if the region was empty between.
  setTimeout(() => {
    region.textContent = text;
  }, 60);
}

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

/** An error in words: what happened, and what to do about it. */
export function explain(error) {
  if (error.kind === 'offline') return t('error.offline');
  return error.hint ? `${error.message} - ${error.hint}` : error.message;
}
