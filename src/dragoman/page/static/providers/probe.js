/**
 * "Probe now", for an operator: asks the server to measure a provider without a chat, and shows how
 * each step went. The last probe that the gateway made by itself is told in a line.
 */

import { h } from '../dom.js';
import { ago, t } from '../i18n.js';
import { icon } from '../icons.js';
import { explain } from '../notes.js';
import { ms, time_s } from './figures.js';

export function prober(name, app, changed) {
  const result = h('div', { class: 'probe', hidden: true });
  const said = h('span');
  let asking = false;
  const button = app.me.operator
    ? h('button', { type: 'button', class: 'button', 'aria-label': t('board.probe.of', { name }), on: { click: ask } }, t('board.probe'))
    : null;

  async function ask() {
    if (asking) return;
    asking = true;
    // Not `disabled`: that would take the focus from whoever pressed it.
    button.setAttribute('aria-disabled', 'true');
    button.textContent = t('board.probing');
    try {
      told(await app.api.post(`/board/${encodeURIComponent(name)}/probe`));
      changed();
    } catch (error) {
      result.replaceChildren(h('p', { class: 'probe-bad' }, explain(error)));
      result.hidden = false;
      app.announce(explain(error));
    } finally {
      asking = false;
      button.removeAttribute('aria-disabled');
      button.textContent = t('board.probe');
    }
  }

  function told(probe) {
    const works = t(probe.works ? 'board.probe.works' : 'board.probe.fails', { name, time: ms(probe.ms) });
    const close = () => {
      result.hidden = true;
      button.focus();
    };
    result.hidden = false;
    result.replaceChildren(
      h('div', { class: 'probe-head' },
        h('p', { class: probe.works ? 'probe-good' : 'probe-bad' }, icon(probe.works ? 'check' : 'close'), works),
        h('button', { type: 'button', class: 'icon-button', 'aria-label': t('board.probe.hide'), on: { click: close } }, icon('close'))),
      probe.steps.length ? h('ol', { class: 'steps' }, ...probe.steps.map(step)) : h('p', {}, t('board.probe.nothing')),
    );
    app.announce(works);
  }

  function step({ step: what, ok, ms: took, error }) {
    return h('li', { data: { ok: String(ok) } },
      icon(ok ? 'check' : 'close'), h('span', { class: 'hidden' }, t(ok ? 'board.step.ok' : 'board.step.failed')),
      h('b', { dir: 'auto' }, what), h('span', { class: 'step-time' }, ms(took)),
      error ? h('span', { class: 'step-error', dir: 'auto' }, error) : null);
  }

  function update(probe, now) {
    if (!probe) return;
    const time = time_s(probe.at);
    said.textContent = t(probe.works ? 'board.probed.works' : 'board.probed.fails', {
      ago: time === null ? '' : ago(time, now), time: ms(probe.ms),
    });
  }
  return { button, result, said, update };
}
