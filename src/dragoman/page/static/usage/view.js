/**
 * Usage: requests, tokens and price over a time, by model, provider, key or day, as plots and as a
 * table that can be taken away as CSV. What is shown stands in the address, so it can be kept.
 */

import { h } from '../dom.js';
import { loadWords, t } from '../i18n.js';
import { icon } from '../icons.js';
import { stylesheet } from '../stylesheet.js';
import { explain } from '../notes.js';
import { controls } from './controls.js';
import { csv, save } from './csv.js';
import { plots } from './plots.js';
import { BY, RANGES, dates_of, span_of } from './span.js';
import { summary } from './summary.js';
import { usageTable } from './table.js';

/** The usage; see types.js for what a view is. */
export async function open(params, app) {
  await Promise.all([loadWords('board'), stylesheet('board')]);
  const chosen = read(params.query);
  const results = h('div', { class: 'usage-results' });
  const trouble = h('p', { class: 'board-stale', role: 'alert' });
  // None is chosen yet.
  const order = { key: '', down: true };
  let asking = null;
  let shown = null;

  async function load() {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const span = span_of(chosen, Date.now() / 1000);
    app.replace(`#/usage?${new URLSearchParams(written(chosen))}`);
    results.setAttribute('aria-busy', 'true');
    try {
      const { since, until, bucket, zone } = span;
      const usage = await app.api.get('/usage', { since, until, bucket, zone, by: chosen.by }, signal);
      draw(usage, span);
    } catch (error) {
      if (signal.aborted) return;
      trouble.textContent = explain(error);
      results.replaceChildren();
    }
    results.removeAttribute('aria-busy');
  }

  function draw(usage, span) {
    shown = usage;
    trouble.textContent = '';
    note.textContent = usage.own ? t('spent.own', { name: app.me.name }) : '';
    download.disabled = usage.rows.length === 0;
    app.announce(t('spent.read', { n: usage.total.requests }));
    if (!usage.rows.length) {
      results.replaceChildren(h('p', { class: 'empty' }, t(usage.kept === false ? 'spent.not_kept' : 'spent.none')));
      return;
    }
    const table = usageTable(chosen.by, order);
    table.update(usage.rows, { ...usage.total, isTotal: true });
    results.replaceChildren(summary(usage.total), plots(usage, chosen.by, span), table.element);
  }

  const take = () => save(csv(shown, chosen.by), `dragoman-usage-${chosen.by}-${written(chosen).range}.csv`);
  const download = h('button', { type: 'button', class: 'button', disabled: true, on: { click: take } }, icon('download'), t('spent.csv'));
  const note = h('p', { class: 'board-note' });
  const change = (next) => {
    Object.assign(chosen, next);
    load();
  };
  return {
    nodes: [app.bar(t('spent.title'), download),
      h('div', { class: 'board scroll' }, controls(chosen, change, app.me.operator), note, trouble, results)],
    shown: () => {
      app.title(t('spent.title'));
      load();
    },
    close: () => asking?.abort(),
  };
}

/** What the address asks for; what makes no sense there is left out. */
function read(query) {
  const range = query.get('range') ?? '';
  const dates = dates_of(range);
  const by = query.get('by');
  return {
    range: dates ? 'own' : RANGES.includes(range) ? range : '7d',
    from: dates?.from ?? '', to: dates?.to ?? '',
    by: BY.includes(by) ? by : 'model',
  };
}

const written = ({ range, from, to, by }) => ({ range: range === 'own' ? `${from}..${to}` : range, by });
