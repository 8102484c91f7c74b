/**
 * The turns of a conversation on the screen: one card for each that is shown, running answers
 * followed, the end kept in sight for a reader who is there.
 */

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { followTurn } from './live.js';
import { TurnCard } from './turn.js';

/** So near to the end counts as there. */
const NEAR_PX = 60;
/** From so many turns on, those that are out of sight are not laid out. */
const LONG = 24;

export class Log {
  /** @type {Map<string, {card: TurnCard, leave: (() => void) | null, versions: string}>} by turn */
  #rows = new Map();
  #lost = new Set();
  #stuck = true;
  #top = 0;
  #turns = h('div', { class: 'turns', role: 'log', 'aria-live': 'polite', 'aria-label': t('log') });
  #latest = h('button', {
    type: 'button', class: 'latest', hidden: true, 'aria-label': t('log.latest'), title: t('log.latest'),
    on: { click: () => this.toEnd(true) },
  }, icon('down'));
  #scroller = h('div', { class: 'scroller', tabIndex: 0, role: 'region', 'aria-label': t('log.region') }, this.#turns);
  #seen = new ResizeObserver(() => this.#keep());

  /**
   * @param {object} options
   * @param {(turn: object, card: TurnCard) => Node[]} options.tools
   * @param {(turn: object) => void} options.retry
   * @param {(turn: object) => void} options.ended
   * @param {(lost: boolean) => void} options.connection
   * @param {(error: Error) => void} options.failed
   */
  constructor(options) {
    this.options = options;
    this.element = h('div', { class: 'log' }, this.#scroller, this.#latest);
    this.#scroller.onscroll = () => {
      const { scrollTop } = this.#scroller;
      // What comes meanwhile makes the end go away from a reader who has not moved.
      if (this.#distance() < NEAR_PX) this.#stuck = true;
      else if (scrollTop < this.#top) this.#stuck = false;
      this.#top = scrollTop;
      this.#latest.hidden = this.#stuck;
    };
    this.#seen.observe(this.#turns);
    this.#seen.observe(this.#scroller);
  }

  /** Show these turns: `Tree.path()`. */
  draw(path) {
    const shown = new Set(path.map(({ turn }) => turn.id));
    for (const [id, row] of this.#rows) if (!shown.has(id)) this.#drop(id, row);
    path.forEach((step, i) => this.#place(step, i));
    this.#turns.classList.toggle('long', path.length > LONG);
    this.#busy();
  }

  #place({ turn, sisters, at }, i) {
    let row = this.#rows.get(turn.id);
    const versions = `${at}/${sisters.length}`;
    if (!row) {
      row = { card: new TurnCard(turn, this.options), leave: null, versions };
      this.#rows.set(turn.id, row);
    } else if (turn.state !== 'running') {
      this.#leave(turn.id, row);
      if (row.card.turn !== turn) row.card.update(turn);
    }
    if (row.versions !== versions) row.card.retool();
    row.versions = versions;
    if (this.#turns.children[i] !== row.card.element) {
      this.#turns.insertBefore(row.card.element, this.#turns.children[i] ?? null);
    }
    if (turn.state === 'running' && !row.leave) this.#follow(turn.id, row);
  }

  #follow(id, row) {
    row.leave = followTurn(row.card, {
      status: (status) => this.#connection(id, status === 'lost'),
      failed: (error) => {
        this.#leave(id, row);
        this.options.failed(error);
      },
      end: (turn) => {
        row.leave = null;
        this.#connection(id, false);
        this.options.ended(turn);
        this.#busy();
      },
    });
  }

  #connection(id, lost) {
    if (lost) this.#lost.add(id);
    else this.#lost.delete(id);
    this.options.connection(this.#lost.size > 0);
  }

  #leave(id, row) {
    row.leave?.();
    row.leave = null;
    if (this.#lost.has(id)) this.#connection(id, false);
  }

  #drop(id, row) {
    this.#leave(id, row);
    row.card.element.remove();
    this.#rows.delete(id);
  }

  #busy() {
    const busy = [...this.#rows.values()].some(({ card }) => card.turn.state === 'running');
    this.#turns.setAttribute('aria-busy', String(busy));
  }

  #distance() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  #keep() {
    if (this.#stuck) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    else this.#latest.hidden = this.#distance() < NEAR_PX;
  }

  /** Go to the end, and stay there while it grows. */
  toEnd(smooth = false) {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#stuck = true;
    this.#latest.hidden = true;
    this.#scroller.scrollTo({ top: this.#scroller.scrollHeight, behavior: smooth && !still ? 'smooth' : 'instant' });
  }

  /** The card of a turn, if it is shown. */
  card(id) {
    return this.#rows.get(id)?.card ?? null;
  }

  /** Go to the turn before (-1) or after (1) the one with the focus. */
  step(by) {
    const cards = [...this.#turns.children];
    const at = cards.indexOf(document.activeElement?.closest('[data-turn]'));
    const next = at < 0 ? cards.at(by < 0 ? -1 : 0) : cards[at + by];
    next?.focus();
    next?.scrollIntoView({ block: 'start' });
  }

  /** Follow nothing any more. */
  close() {
    this.#seen.disconnect();
    for (const [id, row] of this.#rows) this.#leave(id, row);
  }
}
