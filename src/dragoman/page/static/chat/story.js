/**
 * What happened to an answer: one quiet line (who answered, time, tokens, price, whether it was
 * rescued), and all of it on demand.
 */

import { h, newId } from '../dom.js';
import { money, seconds, t } from '../i18n.js';
import { icon } from '../icons.js';
import { later } from '../later.js';

/** "provider/model" of who answers or was asked. */
export function nameOf({ provider, model }) {
  return !provider || model?.startsWith(`${provider}/`) ? (model ?? '') : [provider, model].filter(Boolean).join('/');
}

/** Who really answered, "provider/model"; "" if nobody did or it is not known. */
export function answeredBy({ answered, story, model, provider }) {
  return provider ? nameOf(answered ?? { provider, model: story?.model || model }) : '';
}

/** The line and what it unfolds; `paint` shows another state of the turn. */
export class Story {
  panel = h('dl', { class: 'story-panel', id: newId('story'), hidden: true });
  line = h('button', {
    type: 'button', class: 'story', 'aria-expanded': 'false', 'aria-controls': this.panel.id,
    on: { click: () => this.#toggle() },
  });
  #turn = null;

  /** @param {object} turn an assistant's turn */
  paint(turn) {
    this.#turn = turn;
    const pieces = line(turn);
    this.line.hidden = !pieces.length;
    this.line.replaceChildren(h('span', {}, pieces.join(' · ')), icon('right'));
    if (!this.panel.hidden) this.#fill();
  }

  #toggle() {
    this.panel.hidden = !this.panel.hidden;
    this.line.setAttribute('aria-expanded', String(!this.panel.hidden));
    if (!this.panel.hidden) this.#fill();
  }

  async #fill() {
    const { rows } = await later(() => import('./story-rows.js'));
    this.panel.replaceChildren(...rows(this.#turn));
  }
}

function line(turn) {
  const { usage, cost, story, state } = turn;
  if (state === 'running') return [];
  const attempts = story?.attempts?.length ?? 0;
  const by = answeredBy(turn);
  return [
    by !== turn.model && by,
    story?.duration_s != null && seconds(story.duration_s),
    usage?.output_tokens != null && t('story.tokens', { n: usage.output_tokens }),
    cost != null && money(cost),
    story?.rescued && t('story.rescued'),
    attempts > 1 && t('story.attempts', { n: attempts }),
    story?.dropped?.length > 0 && t('story.dropped', { n: story.dropped.length }),
  ].filter(Boolean);
}
