/**
 * The start of the page: who is here, the frame around the views, and which view an address shows.
 * What a view is and all shapes are told in types.js.
 */

import * as api from './api.js';
import { announce, explain } from './notes.js';
import { h } from './dom.js';
import { drawer } from './drawer.js';
import { loadLanguage, t } from './i18n.js';
import { icon } from './icons.js';
import { bindKeys } from './keys.js';
import { later } from './later.js';
import { fillSidebar } from './sidebar.js';
import { openTabs } from './tabs.js';

const VIEWS = {
  chat: () => import('./chat/view.js'),
  compare: () => import('./compare/view.js'),
  providers: () => import('./providers/view.js'),
  usage: () => import('./usage/view.js'),
};
/** The form is loaded when it is needed, as is all that few readers see. */
const form = () => later(() => import('./sign-in.js'));
const signIn = async (first) => (await form()).signIn(app, first);
const remind = async () => (await form()).remind(app);
const toast = async (...given) => (await later(() => import('./toast.js'))).toast(...given);
const MODELS_KEPT_MS = 15000;

const main = document.querySelector('main');
let view = null;
let visits = 0;
let kept = { at: 0, list: null };

/** @type {import('./types.js').App} */
const app = {
  me: null,
  api,
  tabs: openTabs(),
  announce,
  toast,
  bar,
  title: (title) => {
    document.title = title ? `${title} · Dragoman` : 'Dragoman';
  },
  go: (hash) => {
    if (location.hash === hash) route();
    else location.hash = hash;
  },
  replace: (hash) => {
    history.replaceState(null, '', hash);
    app.tabs.changed({ kind: 'address' });
  },
  failed: (error) => error.status === 401 || toast(explain(error)),
  models: (fresh = false, read = api.look) => {
    if (fresh || Date.now() - kept.at > MODELS_KEPT_MS) {
      kept = { at: Date.now(), list: read('/models') };
      kept.list.catch(() => {
        kept.at = 0;
      });
    }
    return kept.list;
  },
  refreshList: () => {},
  restart: async (language) => {
    await loadLanguage(language);
    frame();
    await route();
  },
};

function bar(title, ...controls) {
  const menu = h('button', {
    class: 'icon-button menu-button',
    type: 'button',
    'aria-label': t('nav.open'),
    'aria-controls': 'sidebar',
    on: { click: () => drawer(true) },
  }, icon('menu'));
  const heading = h('h1', { dir: 'auto', tabIndex: -1 }, title);
  return h('header', { class: 'bar' }, menu, heading, h('div', { class: 'bar-controls' }, ...controls));
}

function parse() {
  const [path, query = ''] = location.hash.slice(1).split('?');
  const [, name = 'chat', id = null] = path.split('/');
  return { name: name in VIEWS ? name : 'chat', id: id || null, query: new URLSearchParams(query) };
}

async function route() {
  const mine = (visits += 1);
  const { name, id, query } = parse();
  drawer(false);
  try {
    const { open } = await VIEWS[name]();
    if (mine !== visits) return;
    view?.close();
    view = null;
    app.tabs.changed({ kind: 'address' });
    const next = await open({ id, query }, app);
    if (mine !== visits) return next.close();
    view = next;
    main.dataset.view = name;
    main.replaceChildren(...view.nodes);
    view.shown?.(main);
  } catch (error) {
    if (mine === visits) showFailure(error);
  }
}

function showFailure(error) {
  app.title('');
  const again = h('button', { type: 'button', class: 'button', on: { click: route } }, t('again'));
  const missing = error.status === 404;
  const home = h('a', { class: 'button', href: '#/chat' }, t('chat.new'));
  const text = missing ? t('error.missing') : explain(error);
  main.replaceChildren(
    bar(t('error.title')),
    h('div', { class: 'empty', role: 'alert' }, h('p', {}, text), missing ? home : again),
  );
}

function frame() {
  const skip = document.querySelector('.skip');
  skip.textContent = t('nav.skip');
  // The hash is the address of a view.
  skip.onclick = (event) => {
    event.preventDefault();
    main.focus();
  };
  fillSidebar(document.querySelector('#sidebar'), app);
  const offline = document.querySelector('#offline');
  const connection = () => {
    offline.textContent = navigator.onLine ? '' : t('error.no_network');
  };
  connection();
  globalThis.ononline = globalThis.onoffline = connection;
}

async function start() {
  // All at once: the page is there as soon as the slowest of them.
  VIEWS[parse().name]().catch(() => {});
  api.onSignedOut(signIn, remind);
  const me = api.get('/me').catch(() => ({ body_limit_bytes: 32e6 }));
  [app.me] = await Promise.all([me, loadLanguage()]);
  if (app.me.needs_key && !app.me.signed_in) {
    main.dataset.view = 'sign-in';
    await signIn(true);
  }
  bindKeys(app);
  frame();
  addEventListener('hashchange', route);
  // A file that is dropped beside the view must not replace the page.
  for (const kind of ['dragover', 'drop']) {
    addEventListener(kind, (event) => event.dataTransfer.types.includes('Files') && event.preventDefault());
  }
  await route();
}

start();
