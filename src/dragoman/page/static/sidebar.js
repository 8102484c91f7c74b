/**
 * The sidebar: the views, the conversations, and what concerns the reader (language, theme, help).
 */

import { fillList } from './chat/list.js';
import { h } from './dom.js';
import { drawer } from './drawer.js';
import { currentLanguage, LANGUAGES, t } from './i18n.js';
import { icon } from './icons.js';
import { showHelp } from './keys.js';
import { menuButton } from './menu.js';

const VIEWS = [['chat', 'chat'], ['compare', 'columns'], ['providers', 'gauge'], ['usage', 'usage']];
let stop = () => {};

/** Fill the sidebar; again after the language changed. */
export function fillSidebar(sidebar, app) {
  stop();
  const close = h('button', {
    type: 'button', class: 'icon-button close-drawer', 'aria-label': t('nav.close'), on: { click: () => drawer(false) },
  }, icon('close'));
  const links = VIEWS.map(([name, shown]) =>
    h('a', { href: `#/${name}`, data: { name } }, icon(shown), h('span', {}, t(`nav.${name}`))));
  const list = h('section', { class: 'conversations', 'aria-label': t('list.label') });
  sidebar.setAttribute('aria-label', t('nav.label'));
  sidebar.replaceChildren(
    h('div', { class: 'brand' },
      h('img', { src: '/page/static/icon.svg', alt: '', width: 26, height: 26 }),
      h('span', {}, 'Dragoman'), close),
    h('a', { class: 'button primary new-chat', href: '#/chat', on: { click: () => app.go('#/chat') } },
      icon('plus'), t('chat.new')),
    h('nav', { 'aria-label': t('nav.views') }, ...links),
    list,
    foot(app),
  );
  document.querySelector('#scrim').onclick = () => drawer(false);
  sidebar.onkeydown = (event) => {
    // A handler that returns false would take every other key away.
    if (event.key === 'Escape') drawer(false);
  };
  const stopList = fillList(list, app);
  const stopTabs = app.tabs.listen(({ kind }) => kind === 'address' && mark(links));
  mark(links);
  stop = () => {
    stopList();
    stopTabs();
  };
}

function mark(links) {
  const view = location.hash.split(/[/?]/)[1] || 'chat';
  for (const link of links) {
    if (link.dataset.name === view) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function foot(app) {
  const buttonClass = { class: 'icon-button' };
  const theme = menuButton({ ...buttonClass, 'aria-label': t('theme.label') }, themes, icon('theme'));
  const language = menuButton({ ...buttonClass, 'aria-label': t('language') }, () =>
    Object.entries(LANGUAGES).map(([tag, label]) => ({
      label, checked: tag === currentLanguage(), run: () => app.restart(tag),
    })), icon('words'));
  const help = h('button', { ...buttonClass, type: 'button', 'aria-label': t('keys.title'), on: { click: showHelp } },
    icon('help'));
  const leave = app.me.needs_key
    ? h('button', { type: 'button', class: 'link', on: { click: () => signOut(app) } }, t('sign_out'))
    : null;
  return h('footer', {}, theme, language, help,
    h('span', { class: 'who', title: app.me.name || null }, app.me.name), leave);
}

function themes() {
  const now = localStorage.getItem('dragoman.theme') ?? 'system';
  return ['system', 'light', 'dark'].map((theme) => ({
    label: t(`theme.${theme}`),
    checked: theme === now,
    run: () => {
      localStorage.setItem('dragoman.theme', theme);
      dispatchEvent(new Event('dragoman-theme'));
    },
  }));
}

async function signOut(app) {
  await app.api.post('/sign-out').catch(app.failed);
  location.reload();
}
