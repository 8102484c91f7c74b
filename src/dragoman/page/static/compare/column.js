/**
 * One column of a comparison: a model's branch, its figures, and what can be done with it alone.
 */

import { TurnCard } from '../chat/turn.js';
import { followTurn } from '../chat/live.js';
import { h, newId } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { facts } from './facts.js';

/** Nearer to the end than this, the column follows what comes. */
const NEAR_PX = 60;

/**
 * @param {import('../app.js').App} app
 * @param {string} model
 * @param {{changed: () => void, again: (turn: object) => void, href: (turn: object) => string}} on
 */
export function makeColumn(app, model, on) {
  const id = newId('column');
  const told = facts();
  const log = h('div', { class: 'column-log', role: 'log', 'aria-live': 'off', 'aria-label': model, tabIndex: 0 });
  const stopping = h('button', {
    type: 'button', class: 'icon-button', hidden: true, 'aria-label': t('compare.stop', { model }),
    title: t('compare.stop', { model }), on: { click: stopHere },
  }, icon('stop'));
  const onward = h('a', {
    class: 'icon-button', hidden: true, 'aria-label': t('compare.continue.of', { model }), title: t('compare.continue'),
  }, icon('chat'));
  const element = h('section', { class: 'column', id, 'aria-labelledby': `${id}-name`, data: { model } },
    h('header', { class: 'column-head' }, h('h2', { id: `${id}-name`, dir: 'auto' }, model), stopping, onward),
    told.element, log);
  let last = null;
  let leave = () => {};

  const near = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
  };

  /** Show these turns in place of what is there. */
  function show(turns) {
    leave();
    last = null;
    log.replaceChildren();
    turns.forEach(add);
    toEnd();
  }

  function add(turn) {
    const card = new TurnCard(turn, { retry: turn.role === 'assistant' ? on.again : null });
    log.append(card.element);
    toEnd();
    if (turn.role === 'assistant') watch(card);
  }

  /** Show an answer in place of the last one. */
  function replaceLast(turn) {
    leave();
    last?.element.remove();
    add(turn);
  }

  function watch(card) {
    last = card;
    state();
    if (card.turn.state !== 'running') return;
    const paint = card.paint.bind(card);
    card.paint = () => {
      const follows = near();
      paint();
      told.update(card.turn);
      if (follows) toEnd();
    };
    leave = followTurn(card, { end: state, failed: app.failed });
  }

  function state() {
    const running = last?.turn.state === 'running';
    stopping.hidden = !running;
    onward.hidden = running || !last;
    if (last && !running) onward.href = on.href(last.turn);
    element.dataset.state = last?.turn.state ?? 'empty';
    told.update(last?.turn);
    on.changed();
  }

  function stopHere() {
    stop();
    // The button goes away with what it stops.
    log.focus({ preventScroll: true });
  }

  async function stop() {
    if (last?.turn.state !== 'running') return;
    await app.api.post(`/turns/${last.turn.id}/stop`).catch(app.failed);
  }

  return {
    element, model, show, add, replaceLast, stop, toEnd,
    isRunning: () => last?.turn.state === 'running',
    lastTurn: () => last?.turn ?? null,
    leave: () => leave(),
  };
}
