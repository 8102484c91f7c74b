/**
 * The buttons below a turn: versions, copy, edit, answer again.
 */

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { copyText } from './decorate.js';
import { textOf } from './parts.js';

function button(name, label, run) {
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, on: { click: run } }, icon(name));
}

/** A button that copies what a turn says. */
export function copyButton(turn) {
  const made = button('copy', t('copy'), () => copyText(made, textOf(turn)));
  return made;
}

/** A button that does something with a turn. */
export const editButton = (run) => button('edit', t('edit'), run);
export const againButton = (run) => button('branch', t('turn.again'), run);
export const otherModelButton = (run) => button('swap', t('turn.again_with'), run);

/**
 * ‹ 2/3 ›: the way between the versions of a turn; null if there is one only.
 *
 * @param {{sisters: object[], at: number}} step of Tree.path()
 * @param {(turn: object) => void} choose
 */
export function versions({ sisters, at }, choose) {
  if (sisters.length < 2) return null;
  const to = (name, label, next) => {
    const made = button(name, label, () => choose(sisters[next]));
    made.disabled = !sisters[next];
    return made;
  };
  return h('div', { class: 'versions', role: 'group', 'aria-label': t('versions') },
    to('left', t('versions.before'), at - 1),
    h('span', { 'aria-label': t('versions.at', { at: at + 1, n: sisters.length }), role: 'img' }, `${at + 1}/${sisters.length}`),
    to('right', t('versions.after'), at + 1));
}
