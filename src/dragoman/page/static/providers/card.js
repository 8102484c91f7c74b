/**
 * A provider on the board: its state, when it last answered, two small plots, what is left alone
 * and until when, its last failure, its probe, and what was measured of each of its models.
 */

import { h, newId } from '../dom.js';
import { ago, date, t } from '../i18n.js';
import { breakers } from './breakers.js';
import { failure } from './failure.js';
import { time_s } from './figures.js';
import { history } from './history.js';
import { models } from './models.js';
import { prober } from './probe.js';
import { badge } from './state.js';

/** `changed()` is called when there is something new to read. */
export function providerCard(name, app, changed) {
  const id = newId('provider');
  const state = h('span', { class: 'card-state' });
  const dialect = h('span', { class: 'card-dialect' });
  const last = h('span');
  const lacks = h('p', { class: 'lacks', hidden: true, dir: 'auto' });
  const held = breakers();
  const failed = failure();
  const past = history(name);
  const asked = models(name);
  const probe = prober(name, app, changed);
  let before = '';

  const element = h('li', {}, h('article', { class: 'card', 'aria-labelledby': id, data: { provider: name } },
    h('header', { class: 'card-head' },
      h('div', {}, h('h2', { id, dir: 'auto' }, name), state),
      probe.button),
    h('p', { class: 'card-line' }, dialect, last, probe.said),
    lacks, probe.result, past.plots, held.element, failed.element, asked.element, past.table));

  function update(provider, now) {
    // Their words change by themselves with the time.
    last.replaceChildren(answered(provider, now));
    probe.update(provider.probe, now);
    held.update(provider.models, now);
    failed.update(provider, now);
    if (provider.history) past.update(provider.history, now);
    const { history: _, ...rest } = provider;
    const told = JSON.stringify(rest);
    if (told === before) return;
    before = told;
    element.firstChild.dataset.state = provider.state;
    state.replaceChildren(badge(provider.state));
    dialect.textContent = provider.dialect ? provider.speaks || provider.dialect : '';
    lacks.hidden = !provider.lacks;
    lacks.textContent = provider.lacks ? t('board.lacks', { what: provider.lacks }) : '';
    if (probe.button) probe.button.hidden = Boolean(provider.lacks);
    asked.update(provider.models, now);
  }
  return { element, update, close: held.close };
}

function answered(provider, now) {
  const time = time_s(provider.last_success);
  if (time === null) return t('board.never');
  const iso = new Date(time * 1000).toISOString();
  return h('time', { dateTime: iso, title: date(time) }, t('board.last_success', { ago: ago(time, now) }));
}
