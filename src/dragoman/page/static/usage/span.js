/**
 * The time that usage is shown of: its ends, and the hours or days that it falls into. Pure, but
 * for the reader's own time zone.
 */

const HOUR_S = 3600;
const DAY_S = 86400;
const DAYS = { '7d': 7, '30d': 30, '90d': 90 };
const MOST_DAYS = 366;

export const RANGES = ['24h', '7d', '30d', '90d', 'own'];
export const BY = ['model', 'provider', 'key', 'day'];

/** The two dates of "2026-11-01..2026-11-21"; null if it is something else. */
export function dates_of(text) {
  const found = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(text);
  return found && { from: found[1], to: found[2] };
}

/** The local date of a time, as a date field has it. */
export function day_of(time_s) {
  const date = new Date(time_s * 1000);
  const two = (value) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/**
 * What to ask for.
 *
 * @returns {{since: number, until: number, bucket: 'hour' | 'day', step_s: number, places: number,
 *   zone: number}} `zone` in minutes east of UTC; buckets begin at whole hours or days of it
 */
export function span_of({ range, from, to }, now) {
  const east_s = -new Date(now * 1000).getTimezoneOffset() * 60;
  const whole = (time, step_s) => Math.floor((time + east_s) / step_s) * step_s - east_s;
  const today = whole(now, DAY_S);
  const made = (since, until, bucket) => {
    const step_s = bucket === 'hour' ? HOUR_S : DAY_S;
    const places = Math.max(1, Math.ceil((until - since) / step_s));
    return { since, until, bucket, step_s, places, zone: east_s / 60 };
  };
  if (range === '24h') return made(whole(now, HOUR_S) - 23 * HOUR_S, now, 'hour');
  if (range in DAYS) return made(today - (DAYS[range] - 1) * DAY_S, now, 'day');
  const first = whole(midday(from) ?? now, DAY_S);
  const last = whole(midday(to) ?? now, DAY_S) + DAY_S;
  const since = Math.max(Math.min(first, last - DAY_S), last - MOST_DAYS * DAY_S);
  return made(since, last, last - since <= 2 * DAY_S ? 'hour' : 'day');
}

function midday(day) {
  const time_s = new Date(`${day}T12:00`).getTime() / 1000;
  return Number.isFinite(time_s) ? time_s : null;
}
