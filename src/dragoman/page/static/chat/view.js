/**
 * The chat: one conversation, or the beginning of one.
 */

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { later } from '../later.js';
import { menuButton } from '../menu.js';
import { makeComposer } from './composer.js';
import { acceptFiles } from './drop.js';
import { exports } from './list.js';
import { Log } from './log.js';
import { makePicker } from './picker.js';
import { chatKeys } from './shortcuts.js';
import { countSet, Talk } from './talk.js';
import { turnTools } from './tools.js';

/** A tab that was hidden for longer reads its conversation again. */
const STALE_MS = 30000;

/** A conversation; see types.js for what a view is. */
export async function open({ id, query }, app) {
  const view = new ChatView(app, id, query.get('turn'));
  await view.load();
  return view;
}

class ChatView {
  #ends = [];
  #hidden_ms = 0;

  /** `branch` is a turn to be shown among its versions: a comparison goes on as a chat there. */
  constructor(app, id, branch) {
    this.app = app;
    this.branch = branch;
    this.talk = new Talk(app, id, () => this.draw());
    this.log = new Log({
      tools: (turn, card) => turnTools(this, turn, card),
      retry: (turn) => this.again(turn),
      ended: (turn) => this.#ended(turn),
      connection: (lost) => this.#connection(lost),
      failed: (error) => this.#reload(error),
    });
    this.picker = makePicker(app, { change: (model) => this.#set({ model }) });
    this.picker.field.addEventListener('blur', () => this.composer.refresh());
    this.sliders = h('button', {
      type: 'button', class: 'icon-button sliders', 'aria-label': t('settings.title'), title: t('settings.title'),
      on: { click: () => this.#settings() },
    }, icon('sliders'));
    this.composer = makeComposer(app, {
      draft: id,
      tools: [this.sliders, this.picker.element],
      send: (message) => this.say(message),
      stop: () => this.stop(),
      warning: () => (this.picker.chosen()?.images === false ? t('image.not_taken', { model: this.picker.value }) : ''),
    });
    this.lost = h('p', { class: 'connection', role: 'status' });
    this.greeting = h('p', { class: 'greeting' }, t('chat.greeting'));
    this.more = menuButton({ class: 'icon-button', 'aria-label': t('chat.actions') }, () => [
      ...exports(this.talk.id),
      null,
      { label: t('delete'), icon: 'trash', danger: true, run: () => this.#remove() },
    ], icon('more'));
    this.bar = app.bar('', this.more);
  }

  async load() {
    await this.talk.load();
    if (this.branch) this.talk.tree.reveal(this.branch);
    this.stage = h('div', { class: 'chat' }, this.log.element,
      h('div', { class: 'desk' }, this.greeting, this.lost, this.composer.element, h('p', { class: 'foot' }, t('chat.foot'))));
    this.nodes = [this.bar, this.stage];
  }

  shown(main) {
    if (!this.branch && this.talk.settings.kind === 'compare') {
      // In place of this address: the way back must not lead here again.
      location.replace(`#/compare/${this.talk.id}`);
      return;
    }
    this.#listen(main);
    this.draw();
    this.log.toEnd();
    if (matchMedia('(pointer: fine)').matches) this.composer.focus();
  }

  draw() {
    if (!this.stage || this.closed) return;
    const { talk } = this;
    const path = talk.tree.path();
    const title = talk.title || t(talk.id ? 'chat.untitled' : 'chat.new');
    this.bar.querySelector('h1').textContent = title;
    this.app.title(title);
    this.more.hidden = !talk.id;
    this.stage.classList.toggle('begins', !path.length);
    this.log.draw(path);
    this.composer.running = talk.asking + talk.running().length > 0;
    if (this.picker.value !== talk.settings.model) this.picker.value = talk.settings.model ?? '';
    this.sliders.dataset.count = countSet(talk.settings) || '';
  }

  async say(message, parent) {
    const first = !this.talk.id;
    try {
      await this.talk.say(message, parent);
    } finally {
      if (first && this.talk.id && !this.closed) {
        this.composer.rename(this.talk.id);
        this.app.replace(`#/chat/${this.talk.id}`);
      }
    }
    this.#begun();
    // What was edited stands in another branch now.
    if (parent !== undefined) this.#focus(this.talk.last());
  }

  #begun() {
    this.log.toEnd();
    this.app.announce(t('answer.begins'));
  }

  #focus(turn) {
    this.log.card(turn?.id)?.element.focus({ preventScroll: true });
  }

  async again(turn, model) {
    try {
      await this.talk.again(turn, model);
      this.#begun();
      this.#focus(this.talk.last());
    } catch (error) {
      this.app.failed(error);
    }
  }

  stop() {
    this.talk.stop().catch(this.app.failed);
  }

  close() {
    this.closed = true;
    this.log.close();
    for (const end of this.#ends) end();
  }

  #ended(turn) {
    this.talk.tree.turns.set(turn.id, turn);
    this.draw();
    this.app.announce(t(`answer.${turn.state}`));
    this.app.tabs.changed({ kind: 'list' });
    // Asking has told which models work.
    this.picker.refresh(true);
  }

  #connection(lost) {
    clearTimeout(this.timer);
    // A connection that is back at once is not worth a word.
    this.timer = setTimeout(() => {
      this.lost.textContent = lost ? t('connection.lost') : '';
    }, lost ? 700 : 0);
  }

  #set(settings) {
    this.talk.set(settings).catch(this.app.failed);
  }

  async #remove() {
    const { removeConversation } = await later(() => import('./change.js'));
    await removeConversation(this.talk, this.app);
  }

  async #settings() {
    const { editSettings } = await later(() => import('./settings.js'));
    this.#set(await editSettings(this.talk.settings));
  }

  async #reload() {
    try {
      await this.talk.load(true);
    } catch (error) {
      if (this.closed) return;
      if (error.status === 404) this.app.go('#/chat');
      else this.app.failed(error);
    }
  }

  #listen(main) {
    const stopTabs = this.app.tabs.listen(({ kind, id }, own) => {
      if (!id || id !== this.talk.id) return;
      if (kind === 'renamed' || (kind === 'conversation' && !own)) this.#reload();
      if (kind === 'removed' && !own) this.app.go('#/chat');
    });
    const seen = () => {
      if (document.hidden) this.#hidden_ms = Date.now();
      else if (this.talk.id && Date.now() - this.#hidden_ms > STALE_MS) this.#reload();
    };
    document.addEventListener('visibilitychange', seen);
    this.#ends = [stopTabs, chatKeys(this), acceptFiles(main, this.stage, this.composer.drop),
      () => document.removeEventListener('visibilitychange', seen)];
  }
}
