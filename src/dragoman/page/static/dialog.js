/**
 * Dialogs on <dialog>: modal, closed by Escape or a click beside them, focus returns to where it was.
 */

import { h, newId } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { stylesheet } from './stylesheet.js';

/**
 * Open a modal dialog; its promise ends with `dialog.returnValue` when it is closed.
 *
 * @param {string} title
 * @param {Node[]} content
 * @param {{class?: string, fixed?: boolean}} [options] `fixed`: it cannot be dismissed
 * @returns {{element: HTMLDialogElement, closed: Promise<string>}}
 */
export function openDialog(title, content, { class: style = '', fixed = false } = {}) {
  const before = document.activeElement;
  const heading = newId('dialog');
  const close = h('button', {
    type: 'button',
    class: 'icon-button',
    'aria-label': t('close'),
    on: { click: () => element.close('') },
  }, icon('close'));
  const element = h('dialog', { class: `dialog ${style}`, 'aria-labelledby': heading },
    h('header', {}, h('h2', { id: heading }, title), fixed ? null : close),
    ...content);
  element.addEventListener('cancel', (event) => fixed && event.preventDefault());
  // A press that began inside (a selection) and ended beside it does not close it.
  element.addEventListener('pointerdown', (event) => {
    if (event.target === element && !fixed && outside(element, event)) element.close('');
  });
  stylesheet('overlay');
  document.body.append(element);
  element.showModal();
  const closed = new Promise((done) => {
    element.addEventListener('close', () => {
      element.remove();
      if (before?.isConnected) before.focus();
      done(element.returnValue);
    });
  });
  return { element, closed };
}

function outside(element, event) {
  const box = element.getBoundingClientRect();
  const { clientX: x, clientY: y } = event;
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

/**
 * Ask before something that cannot be undone.
 *
 * @returns {Promise<boolean>}
 */
export async function confirm({ title, text, action }) {
  const yes = h('button', { type: 'submit', value: 'yes', class: 'button danger' }, action);
  const no = h('button', { type: 'submit', value: '', class: 'button', autofocus: true }, t('cancel'));
  const form = h('form', { method: 'dialog' }, h('p', { dir: 'auto' }, text),
    h('div', { class: 'dialog-actions' }, no, yes));
  const { closed } = openDialog(title, [form], { class: 'small' });
  return (await closed) === 'yes';
}
