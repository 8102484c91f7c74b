/**
 * The totals of usage in a row of figures, and what is not known of its price.
 */

import { h } from '../dom.js';
import { money, number, seconds, short, t } from '../i18n.js';

export function summary(total) {
  const failed = total.requests ? total.errors / total.requests : 0;
  const share = number(failed, { style: 'percent', maximumFractionDigits: failed && failed < 0.1 ? 1 : 0 });
  const unpriced = total.requests - total.errors - total.priced;
  const price = total.cost === null ? '–' : money(total.cost) + (unpriced > 0 ? '+' : '');
  const more = (key, tokens) => (tokens ? t(key, { tokens: short(tokens) }) : '');
  const tiles = [
    tile('spent.requests', number(total.requests),
      total.errors ? t('spent.failed', { n: total.errors, share }) : t('spent.failed.none')),
    tile('spent.input_tokens', short(total.input_tokens), more('spent.cached', total.cached_tokens)),
    tile('spent.output_tokens', short(total.output_tokens), more('spent.reasoning', total.reasoning_tokens)),
    tile('spent.cost', price, unpriced > 0 ? t('spent.unpriced', { n: unpriced }) : ''),
    tile('spent.first_token', total.first_token_s === null ? '–' : seconds(total.first_token_s),
      t('spent.duration', { time: seconds(total.duration_s) })),
  ];
  const known = total.cost === null ? t('spent.price.unknown') : unpriced > 0 ? t('spent.price.partly') : '';
  return h('div', {}, h('dl', { class: 'tiles' }, ...tiles), known ? h('p', { class: 'board-note' }, known) : null);
}

const tile = (key, value, more) =>
  h('div', { class: 'tile' }, h('dt', {}, t(key)), h('dd', {}, h('b', {}, value), more ? h('span', {}, more) : null));
