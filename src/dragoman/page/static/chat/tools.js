/**
 * The buttons below a turn: versions, copy, edit, answer again.
 */

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { later } from '../later.js';
import { copyText } from './decorate.js';
import { textOf } from './parts.js';

/**
 * The buttons of one turn.
 *
 * @param {object} view of the chat: {app, talk, log, draw, say, again}
 * @param {import('../types.js').Turn} turn
 * @param {import('./turn.js').TurnCard} card
 * @returns {Node[]}
 */
export function turnTools(view, turn, card) {
  const step = view.talk.tree.path().find((one) => one.turn.id === turn.id);
  const ways = step?.sisters.length > 1 ? [versions(view, step)] : [];
  if (turn.state === 'running') return ways;
  const copy = button('copy', t('copy'), () => copyText(copy, textOf(turn)));
  if (turn.role === 'user') {
    const edit = async () => {
      const { editTurn } = await later(() => import('./edit.js'));
      editTurn(card, (message) => view.say(message, turn.parent));
    };
    return [...ways, copy, button('edit', t('edit'), edit)];
  }
  const other = async () => {
    const { askModel } = await later(() => import('./ask-model.js'));
    const model = await askModel(view.app, turn.model);
    if (model) view.again(turn, model);
  };
  return [...ways, copy, button('branch', t('turn.again'), () => view.again(turn)),
    button('swap', t('turn.again_with'), other)];
}

function button(name, label, run) {
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, on: { click: run } }, icon(name));
}

/** ‹ 2/3 ›: the way between the versions of a turn. */
function versions(view, { sisters, at }) {
  const to = (name, label, next) => {
    const made = button(name, label, () => {
      view.talk.tree.choose(sisters[next]);
      view.draw();
      // The same button below the other version, or the way back.
      const shown = view.log.card(sisters[next].id).element;
      (shown.querySelector(`[aria-label="${label}"]:enabled`) ?? shown.querySelector('.versions :enabled')).focus();
    });
    made.disabled = !sisters[next];
    return made;
  };
  return h('div', { class: 'versions', role: 'group', 'aria-label': t('versions') },
    to('left', t('versions.before'), at - 1),
    h('span', { 'aria-label': t('versions.at', { at: at + 1, n: sisters.length }), role: 'img' }, `${at + 1}/${sisters.length}`),
    to('right', t('versions.after'), at + 1));
}
