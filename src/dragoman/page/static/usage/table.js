/**
 * Usage as a table with totals.
 */

import { money, number, seconds, t } from '../i18n.js';
import { sortableTable } from '../table.js';
import { nameOf } from './names.js';

/** `order` is changed in place, so that it is kept from one table to the next. */
export function usageTable(by, order) {
  const columns = [
    {
      key: 'of', label: t(`spent.by.${by}`), value: (row) => row.of,
      cell: (row) => (row.isTotal ? t('spent.total') : nameOf(by, row.of)),
    },
    count('requests'),
    count('errors'),
    count('rescued'),
    count('input_tokens'),
    count('output_tokens'),
    { key: 'cost', label: t('spent.cost'), numeric: true, value: (row) => row.cost, cell: price },
    time('first_token_s', 'spent.first_token'),
    time('duration_s', 'spent.whole'),
  ];
  const start = columns.some((column) => column.key === order.key) ? { ...order }
    : { key: by === 'day' ? 'of' : 'requests', down: true };
  return sortableTable({
    caption: t('spent.table', { by: t(`spent.by.${by}`) }),
    columns, order: start, onOrder: (next) => Object.assign(order, next),
  });
}

const count = (key) => ({
  key, label: t(`spent.${key}`), numeric: true, value: (row) => row[key], cell: (row) => number(row[key]),
});

const time = (key, word) => ({
  key, label: t(word), numeric: true, value: (row) => row[key],
  cell: (row) => (row[key] === null ? '–' : seconds(row[key])),
});

function price(row) {
  const answered = row.requests - row.errors;
  if (row.cost === null) return answered ? t('spent.unknown') : '–';
  return money(row.cost) + (row.priced < answered ? '+' : '');
}
