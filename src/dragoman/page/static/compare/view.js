/**
 * Compare: one prompt to two to four models, their answers side by side as they come. It is one
 * conversation of the kind "compare"; a column goes on as a chat at #/chat/ID?turn=TURN, where the
 * branch that ends with that turn is shown.
 */

import { makeComposer } from '../chat/composer.js';
import { countSet, editSettings } from '../chat/settings.js';
import { h } from '../dom.js';
import { loadWords, t } from '../i18n.js';
import { icon } from '../icons.js';
import { addKeys } from '../keys.js';
import { stylesheet } from '../stylesheet.js';
import { Comparison } from './comparison.js';
import { makeColumn } from './column.js';
import { makeSetup } from './setup.js';
import { makeStrip } from './strip.js';

/** A comparison; see types.js for what a view is. */
export async function open({ id }, app) {
  await Promise.all([loadWords('board'), stylesheet('compare')]);
  const view = new CompareView(app, id);
  await view.load();
  return view;
}

class CompareView {
  #columns = [];
  #asking = 0;
  #unwanted = false;
  #ends = [];

  constructor(app, id) {
    this.app = app;
    this.comparison = new Comparison(app, id);
    this.sliders = button('sliders', t('settings.title'), () => this.#settings());
    this.sliders.classList.add('sliders');
    this.fresh = h('a', {
      class: 'button', href: '#/compare', hidden: true, on: { click: () => app.go('#/compare') },
    }, icon('plus'), t('compare.new'));
    this.composer = makeComposer(app, {
      draft: id ?? 'compare',
      tools: [this.sliders],
      send: (message) => this.#ask(() => this.#say(message)),
      stop: () => this.#stop(),
    });
    this.grid = h('div', { class: 'columns', role: 'group', 'aria-label': t('compare.columns') });
    this.strip = makeStrip(this.grid);
    this.place = h('div', { class: 'compare-place' });
    this.bar = app.bar(t('compare.title'), this.fresh);
  }

  async load() {
    if (this.comparison.id) await this.comparison.load();
    if (this.comparison.models.length) this.#begin();
    else await this.#choose();
    this.stage = h('div', { class: 'compare' }, this.place, h('div', { class: 'desk' }, this.composer.element));
    this.nodes = [this.bar, this.stage];
  }

  shown(main) {
    this.#columns.forEach((column) => column.toEnd());
    this.strip.mark();
    this.#draw();
    this.#listen(main);
    if (matchMedia('(pointer: fine)').matches) this.composer.focus();
  }

  async #choose() {
    const { models, default: usual } = await this.app.models(false, this.app.api.get).catch(() => ({ models: [] }));
    const rank = (one) => (one.name === usual ? 0 : one.last_success ? 1 : 2);
    const known = models.filter((one) => one.state !== 'open').sort((one, other) => rank(one) - rank(other));
    this.setup = makeSetup(this.app, known.map((one) => one.name));
    this.place.replaceChildren(this.setup.element);
  }

  /** Make the columns; their models stay what they are. */
  #begin() {
    this.setup = null;
    for (const column of this.#columns) column.leave();
    this.#columns = this.comparison.models.map((model) => makeColumn(this.app, model, {
      changed: () => this.#draw(),
      again: (turn) => this.#again(turn),
      href: (turn) => `#/chat/${this.comparison.id}?turn=${turn.id}`,
    }));
    this.grid.dataset.count = this.#columns.length;
    this.grid.replaceChildren(...this.#columns.map((column) => column.element));
    this.strip.update(this.#columns);
    this.place.replaceChildren(this.strip.element, this.grid);
    const paths = this.comparison.branches();
    this.#columns.forEach((column, at) => column.show(paths[at]));
  }

  #draw() {
    if (!this.stage || this.closed) return;
    const running = this.#columns.filter((column) => column.isRunning()).length;
    const isBusy = running + this.#asking > 0;
    if (this.composer.running && !isBusy) this.#ended();
    this.composer.running = isBusy;
    this.fresh.hidden = !this.comparison.id;
    this.stage.classList.toggle('begins', !this.#columns.length);
    this.sliders.dataset.count = countSet(this.comparison.settings) || '';
    this.app.title(this.comparison.title || t('compare.title'));
    this.strip.update(this.#columns);
  }

  #ended() {
    this.app.announce(t('compare.all_done'));
    this.app.tabs.changed({ kind: 'list' });
    this.app.models(true).catch(() => {});
  }

  /** Who wants to stop before the answers are known, stops them as soon as they are. */
  async #ask(run) {
    this.#asking += 1;
    this.#draw();
    try {
      await run();
    } catch (error) {
      // Nothing has begun, so nothing has ended.
      this.composer.running = false;
      throw error;
    } finally {
      this.#asking -= 1;
      const unwanted = this.#unwanted;
      if (!this.#asking) this.#unwanted = false;
      this.#draw();
      if (unwanted) this.#halt();
    }
  }

  async #say(message) {
    const { comparison } = this;
    const isFirst = this.#columns.length === 0;
    if (isFirst) {
      const models = this.setup.models();
      if (models.length < 2) throw new Error(t('compare.choose_two'));
      await comparison.begin(message, models);
      this.composer.rename(comparison.id);
      if (this.closed) return;
      this.app.replace(`#/compare/${comparison.id}`);
      this.#begin();
    } else {
      const lasts = this.#columns.map((column) => column.lastTurn());
      const said = await comparison.goOn(message, lasts);
      if (this.closed) return;
      said.forEach((turns, at) => turns.forEach((turn) => this.#columns[at].add(turn)));
    }
    this.#draw();
    this.app.announce(t('answer.begins'));
    this.app.tabs.changed({ kind: 'conversation', id: comparison.id });
  }

  async #again(turn) {
    const at = this.#columns.findIndex((column) => column.lastTurn()?.id === turn.id);
    if (at < 0) return;
    try {
      await this.#ask(async () => this.#columns[at].replaceLast(await this.comparison.again(turn, at)));
    } catch (error) {
      this.app.failed(error);
    }
  }

  async #stop() {
    this.#unwanted = this.#asking > 0;
    await this.#halt();
  }

  async #halt() {
    await Promise.all(this.#columns.map((column) => column.stop()));
  }

  async #settings() {
    try {
      await this.comparison.set(await editSettings(this.comparison.settings));
      this.#draw();
    } catch (error) {
      this.app.failed(error);
    }
  }

  async #reload() {
    try {
      await this.comparison.load(true);
      if (this.closed) return;
      this.#begin();
      this.#draw();
    } catch (error) {
      if (this.closed) return;
      if (error.status === 404) this.app.go('#/compare');
      else this.app.failed(error);
    }
  }

  #listen(main) {
    const stopTabs = this.app.tabs.listen(({ kind, id }, own) => {
      if (own || !id || id !== this.comparison.id) return;
      if (kind === 'conversation') this.#reload();
      if (kind === 'removed') this.app.go('#/compare');
    });
    // Braces: a handler that returns false would take away the drop of a text, too.
    main.ondragover = (event) => {
      if (event.dataTransfer.types.includes('Files')) event.preventDefault();
    };
    main.ondrop = (event) => {
      if (this.composer.drop(event.dataTransfer)) event.preventDefault();
    };
    const stopKeys = addKeys({
      Escape: { label: 'keys.stop', run: () => this.composer.running && (this.#stop(), true) },
      '/': { label: 'keys.write', run: () => this.composer.focus() },
    });
    this.#ends = [stopTabs, stopKeys, () => {
      main.ondragover = main.ondrop = null;
    }];
  }

  close() {
    this.closed = true;
    this.strip.close();
    for (const column of this.#columns) column.leave();
    for (const end of this.#ends) end();
  }
}

function button(name, label, run) {
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, on: { click: run } }, icon(name));
}
