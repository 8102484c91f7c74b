/**
 * One turn as an element, kept up to date with what the server tells of it.
 *
 * For every view: `new TurnCard(turn, {tools})` has `.element` (an <article> with data-turn and
 * data-state); `.apply(message)` takes an event of the turn's stream without painting, `.paint()`
 * shows what is known, `.update(turn)` takes a whole turn and paints. `tools(turn)` gives the
 * buttons below the turn; it is asked again whenever the state changes, or by `.retool()`.
 */

import { h } from '../dom.js';
import { has, t } from '../i18n.js';
import { icon } from '../icons.js';
import { Parts } from './parts.js';
import { Story } from './story.js';

export class TurnCard {
  #parts = new Parts();
  #story = new Story();
  #who = h('header', { class: 'who' });
  #wait = h('div', { class: 'wait' }, h('span', { class: 'dots', 'aria-hidden': 'true' }));
  #notes = h('div', { class: 'notes' });
  #tools = h('div', { class: 'tools' });
  #options;
  #state = null;

  /**
   * @param {object} turn
   * @param {object} [options]
   * @param {(turn: object, card: TurnCard) => Node[]} [options.tools] buttons below
   * @param {(turn: object) => void} [options.retry] asks again after an error
   */
  constructor(turn, options = {}) {
    this.#options = options;
    this.turn = turn;
    const mine = turn.role === 'user';
    this.element = h('article', { class: `turn ${turn.role}`, data: { turn: turn.id }, tabIndex: -1 },
      this.#who, this.#parts.element,
      ...(mine ? [] : [this.#wait, this.#notes]),
      h('footer', {}, this.#tools, mine ? null : this.#story.line),
      mine ? null : this.#story.panel);
    this.paint();
  }

  /** Take a whole turn, and show it. */
  update(turn) {
    this.turn = turn;
    this.paint();
  }

  /** Take one event of the turn's stream; `paint` shows it. */
  apply({ event, data }) {
    const { turn } = this;
    if (event === 'state') this.turn = data.turn;
    else if (event === 'part') {
      const { part, ...begun } = data;
      turn.parts[part] = { text: '', ...begun };
      if (begun.type === 'text' || begun.type === 'reasoning') turn.parts[part].html ??= [];
    } else if (event === 'block') {
      const part = (turn.parts[data.part] ??= { type: 'text', text: '' });
      (part.html ??= [])[data.n] = data.html;
    } else if (event === 'tool') Object.assign(turn.parts[data.part], { name: data.name, arguments: data.arguments });
    else if (event === 'model') turn.answered = data;
    else if (event === 'rescued') turn.story = { ...turn.story, rescued: data.how };
  }

  /** Show what is known; only what changed is touched. */
  paint() {
    const { turn } = this;
    const running = turn.state === 'running';
    this.#parts.paint(turn.parts, running);
    this.#wait.hidden = !running || turn.parts.length > 0;
    this.#name();
    const state = turn.state + (turn.story?.rescued ?? '');
    if (this.#state === state) return;
    this.#state = state;
    this.element.dataset.state = turn.state;
    this.element.setAttribute('aria-busy', String(running));
    if (turn.role === 'assistant') {
      this.#story.paint(turn);
      this.#notes.replaceChildren(...this.#troubles());
    }
    this.retool();
  }

  /** Ask for the buttons again. */
  retool() {
    this.#tools.replaceChildren(...(this.#options.tools?.(this.turn, this) ?? []));
  }

  #name() {
    const { role } = this.turn;
    const name = role === 'user' ? t('turn.you') : this.turn.model || '…';
    if (this.#who.textContent === name) return;
    // Headings in answers are below it, and a screen reader goes from turn to turn by them.
    this.#who.replaceChildren(h('span', { dir: 'auto', role: 'heading', 'aria-level': 2 }, name));
    this.element.setAttribute('aria-label', t(`turn.${role}`, { name }));
  }

  #troubles() {
    const { state, error, story } = this.turn;
    if (state === 'running' && story?.rescued) return [h('p', { class: 'note' }, icon('branch'), t('turn.rescued'))];
    if (state === 'stopped') return [h('p', { class: 'note' }, icon('stop'), t('turn.stopped'))];
    if (state !== 'broken' && !error) return [];
    const again = this.#options.retry &&
      h('button', { type: 'button', class: 'button', on: { click: () => this.#options.retry(this.turn) } }, t('again'));
    const some = this.turn.parts.length > 0;
    return [h('div', { class: 'problem', role: 'group', 'aria-label': t('turn.broken') }, icon('warn'),
      h('div', {},
        h('strong', {}, t(some ? 'turn.broken' : 'turn.failed')),
        ...told(error).map((words) => h('p', { dir: 'auto' }, words)),
        again))];
  }
}

/** What went wrong, and what to do now. */
function told(error) {
  if (!error) return [];
  const { kind, message, hint } = error;
  const said = has(`error.${kind}`) ? t(`error.${kind}`) : message;
  return [said, hint || (has(`hint.${kind}`) && t(`hint.${kind}`))].filter(Boolean);
}
