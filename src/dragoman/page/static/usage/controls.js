/**
 * What is chosen of usage: the time, and by what it is summed.
 */

import { h, newId } from '../dom.js';
import { t } from '../i18n.js';
import { BY, RANGES, day_of } from './span.js';

/** `change(what)` is called with what is new in `chosen`. */
export function controls(chosen, change, isOperator) {
  const now = Date.now() / 1000;
  const from = dateField('spent.from', chosen.from || day_of(now - 6 * 86400));
  const to = dateField('spent.to', chosen.to || day_of(now));
  const own = h('div', { class: 'own-dates', hidden: chosen.range !== 'own' }, from.label, to.label);

  function dateField(key, value) {
    const on = { change: () => ends() };
    const field = h('input', { type: 'date', value, max: day_of(now), required: true, on });
    return { field, label: h('label', {}, t(key), field) };
  }
  function ends() {
    if (from.field.value && to.field.value) change({ range: 'own', from: from.field.value, to: to.field.value });
  }
  function setRange(range) {
    own.hidden = range !== 'own';
    if (range === 'own') ends();
    else change({ range });
  }
  const by = isOperator ? BY : BY.filter((one) => one !== 'key');
  return h('form', { class: 'usage-controls', on: { submit: (event) => event.preventDefault() } },
    segmented(t('spent.range'), 'spent.range', RANGES, chosen.range, setRange), own,
    segmented(t('spent.by'), 'spent.by', by, chosen.by, (next) => change({ by: next })));
}

/** One of a few, all seen at once: radio buttons that look like one. */
function segmented(legend, words, values, value, pick) {
  const name = newId('choice');
  return h('fieldset', { class: 'segmented' }, h('legend', {}, legend), ...values.map((one) => {
    const on = { change: () => pick(one) };
    return h('label', {}, h('input', { type: 'radio', name, value: one, checked: one === value, on }), h('span', {}, t(`${words}.${one}`)));
  }));
}
