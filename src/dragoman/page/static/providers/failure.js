/**
 * The last failure of a provider: when, at which step, at which host, and in whose words.
 */

import { h } from '../dom.js';
import { ago, date, t } from '../i18n.js';
import { time_s } from './figures.js';

export function failure() {
  const when = h('time');
  const facts = h('dl', { class: 'facts' });
  const text = h('p', { class: 'failure-text', dir: 'auto' });
  const element = h('div', { class: 'failure', hidden: true },
    h('h3', {}, t('board.last_failure'), ' ', when), facts, text);

  function update(provider, now) {
    const { failure: failed } = provider;
    element.hidden = !failed;
    if (!failed) return;
    const time = time_s(provider.last_failure);
    when.textContent = time === null ? '' : ago(time, now);
    if (time !== null) when.title = date(time);
    facts.replaceChildren(
      ...fact(t('board.failure.kind'), failed.error),
      ...fact(t('board.failure.step'), failed.step),
      ...fact(t('board.failure.host'), failed.host),
    );
    if (text.textContent !== failed.text) text.textContent = failed.text;
  }
  return { element, update };
}

const fact = (name, value) =>
  value ? [h('div', {}, h('dt', {}, name), h('dd', { dir: 'auto' }, value))] : [];
