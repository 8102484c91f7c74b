/**
 * The keyboard shortcuts of the chat.
 */

import { t } from '../i18n.js';
import { addKeys } from '../keys.js';

/**
 * Add them; returns a function that takes them away.
 *
 * @param {{talk: import('./talk.js').Talk, log: import('./log.js').Log, stop: () => void,
 *   composer: object, picker: object}} view
 */
export function chatKeys(view) {
  const { composer, log, picker, talk } = view;
  const press = (role, name) => () => {
    const last = talk.tree.path().findLast(({ turn }) => turn.role === role);
    log.card(last?.turn.id)?.element.querySelector(`[aria-label="${t(name)}"]`)?.click();
  };
  const stop = () => {
    if (!composer.running || document.querySelector(':popover-open')) return false;
    view.stop();
    return true;
  };
  return addKeys({
    Escape: { label: 'keys.stop', run: stop },
    '/': { label: 'keys.write', run: () => composer.focus() },
    m: { label: 'keys.model', run: () => picker.field.focus() },
    j: { label: 'keys.next', run: () => log.step(1) },
    k: { label: 'keys.before', run: () => log.step(-1) },
    c: { label: 'keys.copy', run: press('assistant', 'copy') },
    r: { label: 'keys.again', run: press('assistant', 'turn.again') },
    e: { label: 'keys.edit', run: press('user', 'edit') },
  });
}
