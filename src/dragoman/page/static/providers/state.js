/**
 * States as an icon and a word together: a colour alone says nothing to many.
 */

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';

/** The states of a provider, the worst first. */
export const STATES = ['down', 'trouble', 'works', 'unknown'];

const ICONS = {
  works: 'check', trouble: 'warn', down: 'close', unknown: 'help',
  closed: 'check', open: 'close', probe: 'branch',
};
const TONES = { works: 'good', closed: 'good', trouble: 'poor', probe: 'poor', down: 'bad', open: 'bad' };

/** A state of a provider or, with `of` "model", of a model's breaker; `text` replaces its word. */
export function badge(state, text = t(`board.state.${state}`)) {
  return h('span', { class: 'badge', data: { tone: TONES[state] ?? 'unknown' } }, icon(ICONS[state] ?? 'help'), text);
}
