/**
 * The figures of an answer, in the same order in every column: who, time, first token, tokens, price.
 */

import { h } from '../dom.js';
import { money, number, seconds, t } from '../i18n.js';

export function facts() {
  const values = { provider: h('dd', { dir: 'auto' }), time: h('dd'), first_token: h('dd'), tokens: h('dd'), price: h('dd') };
  const element = h('dl', { class: 'column-facts' }, ...Object.entries(values).map(([key, value]) =>
    h('div', {}, h('dt', {}, t(`compare.${key}`)), value)));

  function update(turn) {
    const found = told(turn);
    for (const [key, value] of Object.entries(values)) {
      const text = found[key] ?? '–';
      if (value.textContent !== text) value.textContent = text;
    }
  }
  return { element, update };
}

function told(turn) {
  if (!turn) return {};
  const { story, usage, cost, state } = turn;
  const priceless = state === 'whole' ? t('compare.unknown') : null;
  return {
    provider: turn.provider || null,
    time: story?.duration_s == null ? null : seconds(story.duration_s),
    first_token: story?.first_token_s == null ? null : seconds(story.first_token_s),
    tokens: usage?.output_tokens == null ? null
      : t('compare.tokens.of', { input: number(usage.input_tokens ?? 0), output: number(usage.output_tokens) }),
    price: cost == null ? priceless : money(cost),
  };
}
