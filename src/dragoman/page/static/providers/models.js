/**
 * What was measured of each model of a provider, in a table that unfolds.
 */

import { h } from '../dom.js';
import { ago, number, t } from '../i18n.js';
import { icon } from '../icons.js';
import { sortableTable } from '../table.js';
import { ms, share, time_s } from './figures.js';
import { badge } from './state.js';

export function models(name) {
  const count = h('span');
  const table = sortableTable({
    caption: t('board.models.of', { name }),
    columns: columns(),
    order: { key: 'model', down: false },
  });
  const element = h('details', { class: 'unfold', hidden: true }, h('summary', {}, icon('right'), count), table.element);

  function update(rows, now) {
    element.hidden = rows.length === 0;
    count.textContent = t('board.models', { n: rows.length });
    table.update(rows.map((row) => ({ ...row, now })));
  }
  return { element, update };
}

const measured = (key, cell) => ({
  key, label: t(`board.model.${key}`), numeric: true,
  value: (row) => row[key],
  cell: (row) => cell(row[key]),
});

const columns = () => [
  { key: 'model', label: t('board.model'), value: (row) => row.model, cell: (row) => row.model || t('board.default_model') },
  { key: 'state', label: t('board.state'), value: (row) => row.state, cell: state },
  measured('requests', number),
  measured('error_rate', share),
  measured('first_token_ms', ms),
  measured('first_token_p95_ms', ms),
  measured('latency_ms', ms),
  {
    key: 'last_success', label: t('board.model.last_success'), numeric: true,
    value: (row) => time_s(row.last_success),
    cell: (row) => (row.last_success == null ? '–' : ago(time_s(row.last_success), row.now)),
  },
];

function state(row) {
  const held = row.state !== 'closed';
  const word = held || !row.standing ? badge(row.state, t(`board.breaker.${row.state}`)) : badge(row.standing);
  return row.failure ? h('div', {}, word, h('div', { class: 'cell-note', dir: 'auto' }, row.failure.text)) : word;
}
