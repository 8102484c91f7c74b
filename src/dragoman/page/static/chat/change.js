/**
 * Changes to one conversation of the list: renamed in its place, deleted after a question.
 */

import { confirm } from '../dialog.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';

/**
 * Put a field in place of a row of the list until a name is given or not.
 *
 * @param {HTMLElement} item the row
 * @param {{id: string, title: string}} one
 * @param {import('../types.js').App} app
 * @param {() => void} read reads the list again
 */
export function renameInPlace(item, one, app, read) {
  if (item.querySelector('.renaming')) return;
  const before = [...item.childNodes];
  const field = h('input', { class: 'renaming', value: one.title, 'aria-label': t('list.title'), dir: 'auto', maxLength: 200 });
  let done = false;
  const end = async (keep) => {
    if (done) return;
    done = true;
    const title = field.value.trim();
    const focused = document.activeElement === field;
    item.replaceChildren(...before);
    if (focused) before[0].focus();
    if (!keep || !title || title === one.title) return;
    before[0].textContent = title;
    try {
      await app.api.patch(`/conversations/${one.id}`, { title });
      app.tabs.changed({ kind: 'renamed', id: one.id });
    } catch (error) {
      app.failed(error);
      read();
    }
  };
  field.onkeydown = (event) => {
    if (event.key === 'Enter' && !event.isComposing) end(true);
    else if (event.key === 'Escape') {
      event.stopPropagation();
      end(false);
    }
  };
  field.onblur = () => end(true);
  item.replaceChildren(field);
  field.focus();
  field.select();
}

/** Delete a conversation after a question; shows a new one if it was open. */
export async function removeConversation(one, app) {
  // A key that was pressed twice while this was loaded asks once.
  if (document.querySelector('dialog[open]')) return;
  const title = one.title || t('chat.untitled');
  const sure = await confirm({ title: t('delete.title'), text: t('delete.text', { title }), action: t('delete') });
  if (!sure) return;
  try {
    await app.api.remove(`/conversations/${one.id}`);
  } catch (error) {
    if (error.status !== 404) {
      app.failed(error);
      return;
    }
  }
  app.tabs.changed({ kind: 'removed', id: one.id });
  app.announce(t('delete.done'));
  if (location.hash.includes(one.id)) app.go('#/chat');
}
