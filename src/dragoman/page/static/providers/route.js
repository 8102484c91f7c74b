/**
 * A route: its candidates in the order in which a request would ask them now, and why each stands
 * where it does or is left out.
 */

import { h, newId } from '../dom.js';
import { has, t } from '../i18n.js';
import { icon } from '../icons.js';

export function routeCard(name) {
  const id = newId('route');
  const order = h('p', { class: 'card-line' });
  const asked = h('ol', { class: 'candidates' });
  const skipped = h('ul', { class: 'candidates' });
  const skippedPart = h('div', { hidden: true }, h('h4', {}, t('board.left_out')), skipped);
  const element = h('li', {}, h('article', { class: 'card', 'aria-labelledby': id, data: { route: name } },
    h('header', { class: 'card-head' }, h('h3', { id, dir: 'auto' }, name)), order, asked, skippedPart));
  let before = '';

  function update(route) {
    const told = JSON.stringify(route);
    if (told === before) return;
    before = told;
    const key = `board.order.${route.order}`;
    order.textContent = has(key) ? t(key) : route.order;
    const left = route.candidates.filter((one) => !one.skipped);
    const out = route.candidates.filter((one) => one.skipped);
    asked.replaceChildren(...left.map(candidate));
    if (!left.length) asked.replaceChildren(h('li', { class: 'nobody' }, t('board.nobody')));
    skipped.replaceChildren(...out.map(candidate));
    skippedPart.hidden = !out.length;
  }
  return { element, update };
}

const candidate = ({ name, reason, skipped, failure }) =>
  h('li', { data: { skipped: String(Boolean(skipped)) } },
    skipped ? icon('close') : null,
    h('div', {}, h('b', { dir: 'auto' }, name), h('span', { class: 'reason', dir: 'auto' }, reason),
      // Why one is left out says it already.
      failure && !skipped ? h('span', { class: 'reason', dir: 'auto' }, t('board.failed_last', { failure })) : null));
