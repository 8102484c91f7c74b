/**
 * The models of a provider that are left alone, each with why and a countdown to the next try. The
 * countdown goes by the reader's own clock, from what the server said was left.
 */

import { h } from '../dom.js';
import { seconds, t } from '../i18n.js';
import { icon } from '../icons.js';

export function breakers() {
  const element = h('ul', { class: 'breakers', hidden: true });
  let held = [];

  function tick() {
    const now = performance.now();
    for (const { end_ms, left } of held) {
      const left_s = Math.ceil((end_ms - now) / 1000);
      const text = left_s > 0 ? t('board.next_try', { time: seconds(left_s) }) : t('board.try_due');
      if (left.textContent !== text) left.textContent = text;
    }
  }
  const timer = setInterval(tick, 500);

  function update(models) {
    const open = models.filter((model) => model.state !== 'closed');
    const now = performance.now();
    if (open.map(key).join('\n') !== held.map((one) => one.key).join('\n')) {
      held = open.map((model) => ({ key: key(model), left: h('b', { role: 'timer' }) }));
      element.replaceChildren(...open.map((model, at) => h('li', {}, icon('warn'),
        h('span', {}, t('board.held', { model: model.model || t('board.default_model'), why: model.why ?? '' }), ' ', held[at].left))));
    }
    held.forEach((one, at) => {
      one.end_ms = now + open[at].next_probe_s * 1000;
    });
    element.hidden = open.length === 0;
    tick();
  }
  return { element, update, close: () => clearInterval(timer) };
}

const key = (model) => `${model.model} ${model.state} ${model.why}`;
