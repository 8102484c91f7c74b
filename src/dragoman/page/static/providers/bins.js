/**
 * The history of a provider in so many equal bins: what a small plot can show. Pure.
 */

const HOUR_S = 3600;
/** The shortest of these that holds all that was measured is shown; points are of 5 minutes. */
const SPANS = [
  { hours: 1, bin_s: 300 },
  { hours: 6, bin_s: 300 },
  { hours: 24, bin_s: 1200 },
];

/**
 * The bins from the oldest to now.
 *
 * @param {{t: number, requests: number, failures: number, first_token_ms: number | null}[]} points
 * @param {number} now Unix seconds
 * @returns {{hours: number, bins: {t: number, end: number, requests: number, failures: number,
 *   first_token_ms: number | null}[]}} `first_token_ms` is the mean, weighted by requests
 */
export function binned(points, now) {
  const asked = points.filter((point) => point.requests > 0);
  const first = Math.min(now, ...asked.map((point) => point.t));
  const { hours, bin_s } = SPANS.find((span) => now - first <= span.hours * HOUR_S) ?? SPANS.at(-1);
  const end = Math.ceil(now / bin_s) * bin_s;
  const start = end - hours * HOUR_S;
  const bins = Array.from({ length: (hours * HOUR_S) / bin_s }, (_, at) => ({
    t: start + at * bin_s, end: start + (at + 1) * bin_s,
    requests: 0, failures: 0, timed: 0, sum_ms: 0,
  }));
  for (const point of asked) {
    const bin = bins[Math.floor((point.t - start) / bin_s)];
    if (bin) pour(bin, point);
  }
  return { hours, bins: bins.map(told) };
}

function pour(bin, { requests, failures, first_token_ms }) {
  bin.requests += requests;
  bin.failures += failures;
  if (first_token_ms === null) return;
  bin.timed += requests;
  bin.sum_ms += first_token_ms * requests;
}

const told = ({ t, end, requests, failures, timed, sum_ms }) => ({
  t, end, requests, failures, first_token_ms: timed ? sum_ms / timed : null,
});
