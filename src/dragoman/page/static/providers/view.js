/**
 * The board: what was measured of each provider and why each route asks whom, read every 5 s while
 * somebody sees it. Cards are made once and changed in place, so that focus, open details and the
 * place on the page stay.
 */

import { h } from '../dom.js';
import { date, loadWords, t } from '../i18n.js';
import { stylesheet } from '../stylesheet.js';
import { explain } from '../notes.js';
import { providerCard } from './card.js';
import { routeCard } from './route.js';
import { STATES, badge } from './state.js';

const EVERY_MS = 5000;
/** The history has points of five minutes. */
const HISTORY_EVERY_MS = 60000;

/** The board; see types.js for what a view is. */
export async function open(params, app) {
  await Promise.all([loadWords('board'), stylesheet('board')]);
  const asOf = h('span', { class: 'board-as-of' });
  const trouble = h('p', { class: 'board-stale', role: 'status' });
  const summary = h('ul', { class: 'board-summary' });
  const providers = keyed('ul', 'board-cards', (name) => providerCard(name, app, () => read()));
  const routes = keyed('ul', 'board-routes', routeCard);
  const routesPart = h('section', { 'aria-labelledby': 'routes-title', hidden: true },
    h('h2', { id: 'routes-title' }, t('board.routes')),
    h('p', { class: 'board-note' }, t('board.routes.note')), routes.element);
  const none = h('p', { class: 'empty', hidden: true }, t('board.none'));

  let paused = false;
  let timer = 0;
  let reading = null;
  let history_ms = -Infinity;
  let kept = true;

  function draw(board, whole) {
    const count = (state) => board.providers.filter((one) => one.state === state).length;
    summary.replaceChildren(...STATES.filter(count).map((state) =>
      h('li', {}, badge(state, t(`board.count.${state}`, { n: count(state) })))));
    none.hidden = board.providers.length > 0;
    const rows = whole ? board.providers : board.providers.map(({ history, ...now }) => now);
    // What was never asked has little to tell: it stands last.
    providers.update(rows.sort((one, other) => isQuiet(one) - isQuiet(other)), board.now);
    routes.update(board.routes, board.now);
    routesPart.hidden = board.routes.length === 0;
    asOf.textContent = t('board.as_of', { time: date(board.now, { timeStyle: 'medium' }) });
    if (whole) kept = board.kept !== false;
    trouble.textContent = kept ? '' : t('board.no_history');
  }

  async function read() {
    clearTimeout(timer);
    reading?.abort();
    reading = new AbortController();
    const mine = reading;
    try {
      const whole = performance.now() - history_ms > HISTORY_EVERY_MS;
      const ask = asOf.textContent ? app.api.look : app.api.get;
      const board = await ask('/board', { history: whole ? null : 0 }, mine.signal);
      if (whole) history_ms = performance.now();
      draw(board, whole);
    } catch (error) {
      if (mine.signal.aborted) return;
      if (!asOf.textContent) throw error;
      trouble.textContent = t('board.stale', { why: explain(error) });
    }
    if (mine.signal.aborted) return;
    if (!paused && !document.hidden) timer = setTimeout(() => read(), EVERY_MS);
  }

  function setPaused(event) {
    paused = !event.target.checked;
    clearTimeout(timer);
    if (!paused) read();
  }
  const onVisible = () => {
    if (document.hidden) clearTimeout(timer);
    else if (!paused) read();
  };
  const box = h('input', { type: 'checkbox', checked: true, on: { change: setPaused } });
  const live = h('label', { class: 'board-live' }, box, t('board.live'));

  await read();
  return {
    nodes: [app.bar(t('board.title'), live), h('div', { class: 'board scroll' },
      h('div', { class: 'board-head' }, summary, asOf), trouble, none, providers.element, routesPart)],
    shown: () => {
      app.title(t('board.title'));
      document.addEventListener('visibilitychange', onVisible);
    },
    close: () => {
      document.removeEventListener('visibilitychange', onVisible);
      clearTimeout(timer);
      reading?.abort();
      providers.close();
    },
  };
}

const isQuiet = ({ last_success, last_failure, probe }) => Number(!(last_success || last_failure || probe));

/** A list with one item a name, each made once; `make(name)` gives `{element, update, close}`. */
function keyed(tag, name, make) {
  const element = h(tag, { class: name });
  const items = new Map();
  return {
    element,
    close: () => items.forEach((item) => item.close?.()),
    update(rows, now) {
      for (const [key, item] of items) {
        if (rows.some((row) => row.name === key)) continue;
        item.close?.();
        item.element.remove();
        items.delete(key);
      }
      rows.forEach((row, at) => {
        const item = items.get(row.name) ?? make(row.name);
        items.set(row.name, item);
        if (element.children[at] !== item.element) element.insertBefore(item.element, element.children[at] ?? null);
        item.update(row, now);
      });
    },
  };
}
