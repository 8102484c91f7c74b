/**
 * All that is known of how an answer came about.
 */

import { h } from '../dom.js';
import { has, money, number, seconds, short, t } from '../i18n.js';
import { answeredBy, nameOf } from './story.js';

/** Each fact that is known of a turn, as a pair of <dt> and <dd>. */
export function rows(turn) {
  return facts(turn).map(([name, value]) =>
    h('div', {}, h('dt', {}, name), h('dd', { dir: 'auto' }, value)));
}

function facts(turn) {
  const { usage, cost } = turn;
  const story = turn.story ?? {};
  return [
    [t('story.model'), turn.model],
    [t('story.answered'), answeredBy(turn)],
    [t('story.first_token'), story.first_token_s != null && seconds(story.first_token_s)],
    [t('story.duration'), story.duration_s != null && seconds(story.duration_s)],
    [t('story.speed'), speed(usage, story)],
    ...Object.entries(usage ?? {})
      .filter(([, count]) => typeof count === 'number' && count)
      .map(([name, count]) => [has(`usage.${name}`) ? t(`usage.${name}`) : name, number(count)]),
    [t('story.cost'), cost != null && money(cost)],
    [t('story.rescue'), story.rescued && t(`story.rescued.${story.rescued}`)],
    [t('story.dropped_names'), story.dropped?.length && story.dropped.map(named).join(', ')],
    [t('story.finish'), story.finish_reason],
    [t('story.list'), (story.attempts?.length > 1 || story.attempts?.[0]?.error) && attempts(story.attempts)],
  ].filter(([, value]) => value);
}

function named(dropped) {
  return typeof dropped === 'string' ? dropped : Object.values(dropped).join(': ');
}

function speed(usage, { first_token_s: first_s, duration_s: all_s }) {
  const spent_s = all_s - (first_s ?? 0);
  if (!usage?.output_tokens || !(spent_s > 0.05)) return null;
  return t('story.per_second', { n: short(usage.output_tokens / spent_s) });
}

function attempts(list) {
  return h('ol', {}, ...list.map((one) => {
    const why = [one.why, one.error && (one.error.message ?? String(one.error))].filter(Boolean).join(' - ');
    return h('li', {}, h('strong', {}, nameOf(one)), why && ` ${why}`);
  }));
}
