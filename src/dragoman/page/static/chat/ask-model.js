/**
 * The question which model shall answer once more.
 */

import { openDialog } from '../dialog.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { makePicker } from './picker.js';

/**
 * Ask which model shall answer.
 *
 * @returns {Promise<string | null>} null: none after all
 */
export async function askModel(app, value) {
  const picker = makePicker(app, { value });
  const form = h('form', { method: 'dialog', class: 'ask-model' }, picker.element,
    h('div', { class: 'dialog-actions' },
      h('button', { type: 'submit', value: 'yes', class: 'button primary' }, t('turn.again'))));
  const { closed } = openDialog(t('turn.again_with'), [form], { class: 'small roomy' });
  return (await closed) === 'yes' ? picker.value : null;
}
