/**
 * The sign-in form: a dialog over the page, so that what was typed below stays where it is; and the
 * notice that it is needed.
 */

import { post } from './api.js';
import { openDialog } from './dialog.js';
import { h } from './dom.js';
import { t } from './i18n.js';

let asking = null;
let notice = null;

/**
 * Ask for a key until one fits; those who ask meanwhile wait for the same form.
 *
 * @param {import('./types.js').App} app
 * @param {boolean} [first] nobody has been signed in here: no word of an ended session
 */
export function signIn(app, first = false) {
  asking ??= ask(app, first).finally(() => {
    asking = null;
  });
  return asking;
}

/** Say that the session has ended, and leave the reader alone until the form is wanted. */
export function remind(app) {
  if (asking || notice) return;
  const main = document.querySelector('main');
  let before = null;
  const button = h('button', { type: 'button', class: 'link' }, t('sign_in.action'));
  button.onfocus = ({ relatedTarget }) => {
    before = relatedTarget;
  };
  button.onclick = async () => {
    await signIn(app);
    (before?.isConnected ? before : main).focus();
  };
  notice = h('aside', { class: 'signed-out', 'aria-label': t('sign_in.title') }, t('sign_in.ended'), button);
  main.before(notice);
  app.announce(t('sign_in.ended'));
  const stop = app.tabs.listen(({ kind }) => {
    if (kind !== 'signed-in') return;
    stop();
    notice.remove();
    notice = null;
  });
}

async function ask(app, first) {
  const field = h('input', {
    type: 'password',
    name: 'key',
    required: true,
    autocomplete: 'current-password',
    autofocus: true,
    spellcheck: false,
  });
  const error = h('p', { class: 'form-error', role: 'alert' });
  const button = h('button', { type: 'submit', class: 'button primary' }, t('sign_in.action'));
  const form = h('form', { class: 'sign-in' },
    h('p', {}, t(first ? 'sign_in.text' : 'sign_in.ended')),
    h('label', {}, h('span', {}, t('sign_in.key')), field), error, button);
  const { element, closed } = openDialog(t('sign_in.title'), [form], { class: 'small', fixed: true });
  const stop = app.tabs.listen((change) => change.kind === 'signed-in' && element.close());
  form.onsubmit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await post('/sign-in', { key: field.value });
      app.tabs.changed({ kind: 'signed-in' });
    } catch (failed) {
      error.textContent = failed.status === 401 ? t('sign_in.wrong') : failed.message;
      field.select();
    }
    button.disabled = false;
  };
  await closed;
  stop();
  app.me = await app.api.get('/me').catch(() => app.me);
}
