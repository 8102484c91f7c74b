/**
 * A table that its reader sorts by a column, with a row of totals. The order survives new figures,
 * and so does the focus: the head is made once, and only the body anew.
 */

import { h } from './dom.js';

/**
 * A table.
 *
 * A column is `{key, label, numeric, value(row), cell(row)}`: `value` is what is sorted by (null
 * comes last), `cell` is shown, a text or a node. The first column names the row.
 *
 * @param {object} of
 * @param {string} of.caption
 * @param {object[]} of.columns
 * @param {{key: string, down: boolean}} of.order
 * @param {(order: {key: string, down: boolean}) => void} [of.onOrder]
 * @returns {{element: HTMLElement, update: (rows: object[], total?: object) => void}}
 */
export function sortableTable({ caption, columns, order, onOrder }) {
  let shown = { rows: [], total: null };
  const heads = new Map(columns.map((column) => [column.key, head(column)]));
  const body = h('tbody');
  const foot = h('tfoot');
  const table = h('table', { class: 'figures' },
    h('caption', { class: 'hidden' }, caption),
    h('thead', {}, h('tr', {}, ...heads.values())), body, foot);
  // It is wider than a phone: who has no pointer scrolls it by keys.
  const element = h('div', { class: 'figures-scroll', role: 'region', tabIndex: 0, 'aria-label': caption }, table);

  function head(column) {
    const sort = () => {
      order = { key: column.key, down: order.key === column.key ? !order.down : Boolean(column.numeric) };
      onOrder?.(order);
      draw();
    };
    const button = h('button', { type: 'button', class: 'figures-sort', on: { click: sort } }, column.label);
    return h('th', { scope: 'col', class: column.numeric ? 'numeric' : '' }, button);
  }

  function draw() {
    for (const [key, cell] of heads) {
      if (key !== order.key) cell.removeAttribute('aria-sort');
      else cell.setAttribute('aria-sort', order.down ? 'descending' : 'ascending');
    }
    const by = columns.find((column) => column.key === order.key) ?? columns[0];
    const rows = [...shown.rows].sort((one, other) => compare(by.value(one), by.value(other)));
    body.replaceChildren(...rows.map((row) => line(row)));
    foot.replaceChildren(...(shown.total ? [line(shown.total)] : []));
  }

  function compare(one, other) {
    if (one === null || other === null) return (one === null) - (other === null);
    const found = typeof one === 'number' ? one - other : one.localeCompare(other, undefined, { numeric: true });
    return order.down ? -found : found;
  }

  function line(row) {
    return h('tr', {}, ...columns.map((column, at) => at
      ? h('td', { class: column.numeric ? 'numeric' : '' }, column.cell(row))
      : h('th', { scope: 'row', dir: 'auto' }, column.cell(row))));
  }

  return {
    element,
    update(rows, total = null) {
      shown = { rows, total };
      draw();
    },
  };
}
