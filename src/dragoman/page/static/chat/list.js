/**
 * The list of conversations in the sidebar: grouped by day, searched, renamed in place, deleted,
 * exported. It reads itself again when this tab or another changes one.
 */

import { address } from '../api.js';
import { debounce, h } from '../dom.js';
import { date, t } from '../i18n.js';
import { icon } from '../icons.js';
import { later } from '../later.js';
import { menuButton } from '../menu.js';

const DAY_S = 86400;

/**
 * Fill `place`; returns a function that ends it.
 *
 * @param {HTMLElement} place
 * @param {import('../types.js').App} app
 */
export function fillList(place, app) {
  let shown = [];
  let more = false;
  let reads = 0;
  const search = h('input', {
    type: 'search', placeholder: t('list.search'), 'aria-label': t('list.search'), autocomplete: 'off',
  });
  const groups = h('div', { class: 'list' });
  place.replaceChildren(h('div', { class: 'search' }, icon('search'), search), groups);

  async function read(further = false) {
    const mine = (reads += 1);
    const query = { search: search.value.trim(), before: further ? shown.at(-1)?.updated : null };
    try {
      const found = await app.api[further ? 'get' : 'look']('/conversations', query);
      if (mine !== reads) return;
      shown = further ? [...shown, ...found.conversations] : found.conversations;
      more = found.more;
      draw();
    } catch (error) {
      if (mine === reads && !shown.length) groups.replaceChildren(h('p', { class: 'quiet' }, t('list.failed')));
    }
  }

  function draw() {
    // A name that is being typed is not taken away by another tab's change.
    if (groups.querySelector('.renaming')) return;
    const focused = document.activeElement?.closest?.('[data-conversation]')?.dataset.conversation;
    const now = new Date();
    const today_s = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime() / 1000;
    const parts = Object.groupBy(shown, (one) => dayName(one.updated, today_s));
    groups.replaceChildren(...Object.entries(parts).map(([day, ones]) =>
      h('section', {}, h('h2', {}, day), h('ul', {}, ...ones.map((one) => row(one, app, read))))));
    if (!shown.length) groups.append(h('p', { class: 'quiet' }, t(search.value ? 'list.none' : 'list.empty')));
    if (more) groups.append(h('button', { type: 'button', class: 'link', on: { click: () => read(true) } }, t('list.more')));
    mark();
    if (focused) groups.querySelector(`[data-conversation="${focused}"] a`)?.focus();
  }

  function mark() {
    const current = location.hash.split(/[/?]/)[2];
    for (const one of groups.querySelectorAll('[data-conversation]')) {
      const link = one.querySelector('a');
      if (one.dataset.conversation === current) link?.setAttribute('aria-current', 'page');
      else link?.removeAttribute('aria-current');
    }
  }

  search.oninput = debounce(() => read(), 200);
  app.refreshList = debounce(() => read(), 100);
  const stop = app.tabs.listen(({ kind }) => (kind === 'address' ? mark() : app.refreshList()));
  const seen = () => document.hidden || app.refreshList();
  document.addEventListener('visibilitychange', seen);
  read();
  return () => {
    stop();
    document.removeEventListener('visibilitychange', seen);
  };
}

function dayName(time_s, today_s) {
  if (time_s >= today_s) return t('list.today');
  if (time_s >= today_s - DAY_S) return t('list.yesterday');
  if (time_s >= today_s - 7 * DAY_S) return t('list.week');
  const name = date(time_s, { month: 'long', year: 'numeric' });
  return name[0].toUpperCase() + name.slice(1);
}

function row(one, app, read) {
  const title = one.title || t('chat.untitled');
  const view = one.kind === 'compare' ? 'compare' : 'chat';
  const link = h('a', { href: `#/${view}/${one.id}`, dir: 'auto', title }, title);
  const change = () => later(() => import('./change.js'));
  const rename = async () => (await change()).renameInPlace(item, one, app, read);
  const drop = async () => (await change()).removeConversation(one, app);
  const more = menuButton({ class: 'icon-button', 'aria-label': t('list.actions', { title }) }, () => [
    { label: t('rename'), icon: 'edit', run: rename },
    ...exports(one.id),
    null,
    { label: t('delete'), icon: 'trash', danger: true, run: drop },
  ], icon('more'));
  const item = h('li', { data: { conversation: one.id } }, link, more);
  link.ondblclick = rename;
  link.onkeydown = (event) => {
    if (event.key === 'F2') rename();
    if (event.key === 'Delete') drop();
  };
  return item;
}

/** Menu rows that export a conversation. */
export function exports(id) {
  return ['markdown', 'json'].map((as) => ({
    label: t(`export.${as}`), icon: 'download', href: address(`/conversations/${id}/export`, { as }),
  }));
}
