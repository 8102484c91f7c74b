/**
 * The figures of usage as series for a plot: the largest names each have one, the others share one.
 * Pure.
 */

/** So many colours can be told from each other. */
const MOST = 7;

const MEASURES = {
  requests: (row) => row.requests,
  tokens: (row) => row.input_tokens + row.output_tokens,
  cost: (row) => row.cost ?? 0,
};

/**
 * Names in the order of their requests, each with the tone of its colour, and the sums by measure.
 *
 * @param {object[]} rows of the API: {t, of, requests, input_tokens, output_tokens, cost}
 * @param {{since: number, step_s: number, places: number}} span
 * @param {boolean} together whether all are one series
 * @returns {{names: {of: string | null, tone: string}[],
 *   measure: (of: string) => {of: string | null, tone: string, values: number[]}[]}}
 *   `of` null stands for the others, or for all together
 */
export function seriesOf(rows, span, together) {
  const sums = new Map();
  for (const row of rows) sums.set(row.of, (sums.get(row.of) ?? 0) + row.requests);
  const order = [...sums].sort((one, other) => other[1] - one[1]).map(([of]) => of);
  // Others would be one name alone: it may as well have its own colour.
  const own = together ? [] : order.length > MOST + 1 ? order.slice(0, MOST) : order;
  const names = own.map((of, at) => ({ of, tone: String(at + 1) }));
  if (together || own.length < order.length) names.push({ of: null, tone: together ? '1' : 'others' });
  const measure = (what) => names.map(({ of, tone }) => ({
    of, tone, values: placed(rows.filter((row) => (of === null ? !own.includes(row.of) : row.of === of)), span, MEASURES[what]),
  }));
  return { names, measure };
}

function placed(rows, { since, step_s, places }, value) {
  const values = new Array(places).fill(0);
  for (const row of rows) {
    const at = Math.floor((row.t - since) / step_s + 1e-6);
    if (at >= 0 && at < places) values[at] += value(row);
  }
  return values;
}
