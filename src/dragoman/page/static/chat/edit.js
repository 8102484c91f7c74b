/**
 * A question, edited in its place; sending it begins a new branch beside the old one.
 */

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { explain } from '../notes.js';
import { pictureOf } from './images.js';
import { textOf } from './parts.js';

/**
 * @param {import('./turn.js').TurnCard} card of a user's turn
 * @param {(message: {text: string, images: object[]}) => Promise<void>} send
 */
export function editTurn(card, send) {
  const { element, turn } = card;
  if (element.querySelector('.editor')) return;
  const field = h('textarea', { rows: 3, value: textOf(turn), 'aria-label': t('edit.label'), dir: 'auto' });
  const error = h('p', { class: 'form-error', role: 'alert' });
  const submit = h('button', { type: 'submit', class: 'button primary' }, t('edit.send'));
  const cancel = h('button', { type: 'button', class: 'button' }, t('cancel'));
  const form = h('form', { class: 'editor' }, field, error, h('div', { class: 'dialog-actions' }, cancel, submit));

  const end = () => {
    form.remove();
    element.classList.remove('editing');
    card.retool();
    if (document.activeElement === document.body) element.focus();
  };
  cancel.onclick = end;
  field.onkeydown = (event) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      end();
    } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  };
  form.onsubmit = async (event) => {
    event.preventDefault();
    const kept = turn.parts.filter((part) => part.type === 'image');
    if (!field.value.trim() && !kept.length) return;
    submit.disabled = true;
    try {
      await send({ text: field.value, images: await Promise.all(kept.map(pictureOf)) });
      end();
    } catch (failed) {
      error.textContent = explain(failed);
      submit.disabled = false;
    }
  };
  element.classList.add('editing');
  element.append(form);
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}
