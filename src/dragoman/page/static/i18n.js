/**
 * The words of the page in the reader's language, and numbers and times as that language writes
 * them. Words are in words/LANGUAGE.js (the frame and the chat), LANGUAGE.more.js (what opens
 * later) and LANGUAGE.board.js (the other views).
 */

export const LANGUAGES = { en: 'English', ru: 'Русский' };
const KEPT = 'dragoman.language';

let language = 'en';
let words = {};
let plurals = new Intl.PluralRules('en');

/** The language that was chosen, else the first of the browser's that we have. */
function wanted() {
  const asked = [localStorage.getItem(KEPT), ...navigator.languages];
  return asked.map((tag) => tag?.slice(0, 2)).find((tag) => tag in LANGUAGES) ?? 'en';
}

/** Load the words; `chosen` is kept for the next visit. */
export async function loadLanguage(chosen) {
  if (chosen) localStorage.setItem(KEPT, chosen);
  language = wanted();
  plurals = new Intl.PluralRules(language);
  words = { ...(await import(`./words/${language}.js`)).default };
  document.documentElement.lang = language;
}

/** Load words/LANGUAGE.NAME.js, too: a view that not everybody opens brings its own. */
export async function loadWords(name) {
  Object.assign(words, (await import(`./words/${language}.${name}.js`)).default);
}

export const currentLanguage = () => language;

/**
 * The words for a key. `{name}` in them is replaced from `values`; words that are an object of
 * plural forms are chosen by `values.n`. A key without words is shown as it is.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  let found = words[key] ?? key;
  if (typeof found === 'object') found = found[plurals.select(values.n)] ?? found.other;
  return found.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return typeof value === 'number' ? number(value) : (value ?? whole);
  });
}

/** Whether there are words for a key. */
export const has = (key) => key in words;

/** A number with the separators of the language. */
export function number(value, options) {
  return new Intl.NumberFormat(language, options).format(value);
}

/** A number of tokens or bytes, short: 12.3K. */
export const short = (value) =>
  number(value, { notation: 'compact', maximumFractionDigits: 1 });

/** US dollars; small sums keep two digits that say something. */
export function money(value) {
  const digits =
    value && Math.abs(value) < 1
      ? { maximumSignificantDigits: 2 }
      : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return number(value, { style: 'currency', currency: 'USD', ...digits });
}

/** A duration: 240 ms, 3.2 s, 2 min 5 s. */
export function seconds(value) {
  if (value < 0.9995) return unit(Math.round(value * 1000), 'millisecond');
  if (value < 60) return unit(value, 'second', { maximumFractionDigits: 1 });
  const rest = Math.round(value) % 60;
  const minutes = unit(Math.floor(Math.round(value) / 60), 'minute');
  return rest ? `${minutes} ${unit(rest, 'second')}` : minutes;
}

function unit(value, name, more) {
  return number(value, { style: 'unit', unit: name, unitDisplay: 'narrow', ...more });
}

/** A size: 1.2 MB. */
export function bytes(value) {
  const big = value >= 1e6;
  return unit(value / (big ? 1e6 : 1e3), big ? 'megabyte' : 'kilobyte', {
    maximumFractionDigits: big ? 1 : 0,
  });
}

/** A moment, `time_s` Unix seconds; `options` of Intl.DateTimeFormat. */
export function date(time_s, options = { dateStyle: 'medium', timeStyle: 'short' }) {
  return new Intl.DateTimeFormat(language, options).format(time_s * 1000);
}

/** How long ago, in words: "3 minutes ago", "yesterday". */
export function ago(time_s, now_s = Date.now() / 1000) {
  const past_s = Math.max(0, now_s - time_s);
  const [size_s, name] = STEPS.find(([least]) => past_s >= least) ?? STEPS.at(-1);
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  return relative.format(-Math.floor(past_s / size_s), name);
}

const STEPS = [
  [86400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];
