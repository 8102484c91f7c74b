/**
 * What was measured of a provider over the last hours: two small plots, and the same as a table.
 */

import { h } from '../dom.js';
import { date, number, t } from '../i18n.js';
import { icon } from '../icons.js';
import { sparkline } from '../plot.js';
import { binned } from './bins.js';
import { ms, share } from './figures.js';

export function history(name) {
  const first = sparkline('line');
  const asked = sparkline('bars');
  const firstNow = h('b');
  const askedNow = h('b');
  const body = h('tbody');
  const caption = h('caption', { class: 'hidden' });
  const plots = h('div', { class: 'plots' },
    part(t('board.first_token'), firstNow, first.element),
    part(t('board.requests'), askedNow, asked.element));
  const table = h('details', { class: 'unfold', on: { toggle: () => fill() } },
    h('summary', {}, icon('right'), t('board.history')),
    h('div', { class: 'figures-scroll history', role: 'region', tabIndex: 0, 'aria-label': t('board.history.of', { name }) },
      h('table', { class: 'figures' }, caption, head(), body)));
  let bins = [];

  function fill() {
    if (!table.open) return;
    body.replaceChildren(...bins.filter((bin) => bin.requests).reverse().map((bin) => h('tr', {},
      h('th', { scope: 'row' }, from(bin)), cell(number(bin.requests)), cell(number(bin.failures)), cell(ms(bin.first_token_ms)))));
  }

  function update(points, now) {
    const found = binned(points ?? [], now);
    bins = found.bins;
    const span = t('board.span', { n: found.hours });
    const sum = total(bins);
    table.hidden = plots.hidden = sum.requests === 0;
    caption.textContent = `${t('board.history.of', { name })}, ${span}`;
    firstNow.textContent = ms(sum.last_ms);
    const failed = sum.failures && t('board.failed_share', { share: share(sum.failures / sum.requests) });
    askedNow.textContent = [number(sum.requests), failed].filter(Boolean).join(' · ');
    first.update({
      values: bins.map((bin) => bin.first_token_ms),
      label: `${t('board.first_token')}, ${name}, ${span}`,
      summary: t('board.first_token.summary', { least: ms(sum.least_ms), most: ms(sum.most_ms), last: ms(sum.last_ms) }),
      say: (at) => [h('strong', {}, from(bins[at])), h('div', {}, ms(bins[at].first_token_ms))],
    });
    asked.update({
      values: bins.map((bin) => bin.requests),
      over: bins.map((bin) => bin.failures),
      label: `${t('board.requests')}, ${name}, ${span}`,
      summary: t('board.requests.summary', { n: sum.requests, failed: sum.failures }),
      say: (at) => [h('strong', {}, from(bins[at])),
        h('div', {}, t('board.requests.at', { n: bins[at].requests, failed: bins[at].failures }))],
    });
    fill();
  }
  return { plots, table, update };
}

const from = (bin) => date(bin.t, { hour: 'numeric', minute: '2-digit' });
const cell = (text) => h('td', { class: 'numeric' }, text);
const part = (name, now, plot) =>
  h('div', { class: 'plot-part' }, h('div', { class: 'plot-name' }, h('span', {}, name), now), plot);

function head() {
  const names = ['board.time', 'board.requests', 'board.failed', 'board.first_token'];
  return h('thead', {}, h('tr', {}, ...names.map((key, at) => h('th', { scope: 'col', class: at ? 'numeric' : '' }, t(key)))));
}

function total(bins) {
  const times = bins.map((bin) => bin.first_token_ms).filter((one) => one !== null);
  const least = times.length ? Math.min(...times) : null;
  const most = times.length ? Math.max(...times) : null;
  return {
    requests: bins.reduce((sum, bin) => sum + bin.requests, 0),
    failures: bins.reduce((sum, bin) => sum + bin.failures, 0),
    least_ms: least, most_ms: most, last_ms: times.at(-1) ?? null,
  };
}
