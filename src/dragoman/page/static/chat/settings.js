/**
 * The sheet with the system prompt and the options of a conversation. What is left empty is not
 * sent: the model's own default holds.
 */

import { openDialog } from '../dialog.js';
import { h, newId } from '../dom.js';
import { loadWords, t } from '../i18n.js';

export { countSet } from './talk.js';

/** Names as the APIs have them. */
const NUMBERS = [
  ['temperature', { min: 0, max: 2, step: 0.1 }],
  ['max_tokens', { min: 1, step: 1 }],
  ['top_p', { min: 0, max: 1, step: 0.05 }],
  ['seed', { step: 1 }],
];
const EFFORTS = ['', 'minimal', 'low', 'medium', 'high'];

/**
 * Let the reader change the settings; the promise ends with what they are then.
 *
 * @param {{system?: string, options?: object}} settings
 * @returns {Promise<{system: string, options: object}>}
 */
export async function editSettings({ system = '', options = {} }) {
  // Other views open the sheet, too.
  await loadWords('more');
  const prompt = h('textarea', { name: 'system', rows: 6, value: system, dir: 'auto', placeholder: t('settings.system_hint') });
  const numbers = NUMBERS.map(([name, limits]) => [name,
    h('input', { type: 'number', name, inputMode: 'decimal', placeholder: t('settings.default'), ...limits, value: options[name] ?? '' })]);
  const effort = h('select', { name: 'reasoning_effort' }, ...EFFORTS.map((one) =>
    h('option', { value: one, selected: one === (options.reasoning_effort ?? '') },
      t(one ? `settings.effort.${one}` : 'settings.default'))));
  const stops = h('textarea', { name: 'stop', rows: 2, value: [options.stop ?? []].flat().join('\n'), dir: 'auto' });
  const form = h('form', { method: 'dialog', class: 'sheet-form' },
    field('settings.system', prompt),
    h('div', { class: 'pairs' }, ...numbers.map(([name, input]) => field(`settings.${name}`, input, `settings.${name}_hint`))),
    field('settings.reasoning_effort', effort),
    field('settings.stop', stops, 'settings.stop_hint'),
    h('div', { class: 'dialog-actions' },
      h('button', { type: 'button', class: 'button', on: { click: clear } }, t('settings.clear')),
      h('button', { type: 'submit', class: 'button primary' }, t('settings.done'))));

  function clear() {
    for (const one of [prompt, stops, effort, ...numbers.map(([, input]) => input)]) one.value = '';
  }

  const { closed } = openDialog(t('settings.title'), [form], { class: 'sheet' });
  await closed;
  const set = numbers.filter(([, input]) => input.value !== '' && input.checkValidity())
    .map(([name, input]) => [name, Number(input.value)]);
  const found = Object.fromEntries(set);
  if (effort.value) found.reasoning_effort = effort.value;
  const lines = stops.value.split('\n').filter(Boolean);
  if (lines.length) found.stop = lines;
  // Options that this sheet does not know stay.
  const known = [...NUMBERS.map(([name]) => name), 'reasoning_effort', 'stop'];
  const others = Object.entries(options).filter(([name]) => !known.includes(name));
  return { system: prompt.value.trim(), options: { ...Object.fromEntries(others), ...found } };
}

function field(label, control, hint) {
  const described = hint ? newId('hint') : null;
  if (described) control.setAttribute('aria-describedby', described);
  return h('div', { class: 'field' },
    h('label', {}, h('span', {}, t(label)), control),
    hint ? h('small', { id: described }, t(hint)) : null);
}
