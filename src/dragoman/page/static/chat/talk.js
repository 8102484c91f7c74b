/**
 * One conversation as this tab knows it, and what can be done to it. No elements: `changed` is
 * called when something else is to be shown.
 */

import { Tree } from './tree.js';

const LAST_MODEL = 'dragoman.model';

export class Talk {
  tree = new Tree();
  title = '';
  settings = {};
  /** How many questions are on their way to the server. */
  asking = 0;
  said = 0;
  #unwanted = false;

  /**
   * @param {import('../types.js').App} app
   * @param {string | null} id null: it is made with its first turn
   * @param {() => void} changed
   */
  constructor(app, id, changed) {
    this.app = app;
    this.id = id;
    this.changed = changed;
  }

  /** Read it from the server, also (`again`) to see what another tab did. */
  async load(again = false) {
    if (this.id) {
      const { said } = this;
      const { conversation, turns } = await this.app.api[again ? 'look' : 'get'](`/conversations/${this.id}`);
      // It lacks what was said since.
      if (said !== this.said) return this.load(again);
      this.title = conversation.title;
      this.settings = conversation.settings ?? {};
      this.tree.replace(turns);
    }
    this.changed();
    // Nobody waits for a provider that is slow to list its models.
    this.#needModel();
  }

  async #needModel(read) {
    if (this.settings.model) return;
    const usual = await this.#usualModel(read);
    this.settings.model ||= usual;
    this.changed();
  }

  async #usualModel(read) {
    const { models, default: usual } = await this.app.models(Boolean(read), read).catch(() => ({ models: [] }));
    const last = localStorage.getItem(LAST_MODEL);
    return models.some(({ name }) => name === last) ? last : (usual ?? '');
  }

  /** The answers that run now among what is shown. */
  running() {
    return this.tree.path().filter(({ turn }) => turn.state === 'running').map(({ turn }) => turn);
  }

  /** The last turn that is shown; what is said next follows it. */
  last() {
    return this.tree.path().at(-1)?.turn ?? null;
  }

  /**
   * Say something; the turn is on the server's disk when this ends.
   *
   * @param {{text: string, images: object[]}} message
   * @param {string | null} [parent] the answer it follows; the last one by default
   */
  async say(message, parent = this.last()?.id ?? null) {
    await this.#ask(() => this.#say(message, parent));
    if (!this.title) this.#nameIt();
  }

  async #say({ text, images }, parent) {
    await this.#needModel();
    await this.#needModel(this.app.api.get);
    const { model, system, options } = this.settings;
    const parts = images.length ? await (await import('./images.js')).partsOf(images) : [];
    if (text.trim()) parts.push({ type: 'text', text });
    if (!this.id) {
      const made = await this.app.api.post('/conversations', { title: '', settings: this.settings });
      this.id = made.id;
    }
    const said = await this.app.api.post(`/conversations/${this.id}/turns`, {
      parent, parts, models: model ? [model] : [], ...wanted(system, options),
    });
    return [said.user, ...said.answers];
  }

  async #nameIt() {
    const { conversation } = await this.app.api.look(`/conversations/${this.id}`).catch(() => ({}));
    this.title = conversation?.title ?? '';
    this.changed();
  }

  /** Ask the same once more, perhaps of another model; the answer is a new version. */
  async again(turn, model) {
    const { system, options } = this.settings;
    const body = { model: model ?? this.settings.model, ...wanted(system, options) };
    await this.#ask(async () => (await this.app.api.post(`/turns/${turn.id}/again`, body)).answers);
  }

  /** Add the turns that `run` gives; a stop that came before them reaches them now. */
  async #ask(run) {
    this.asking += 1;
    this.changed();
    let turns = null;
    try {
      turns = await run();
      this.said += 1;
    } finally {
      this.asking -= 1;
      if (turns) this.#add(turns);
      else this.changed();
      if (turns && this.#unwanted) this.#halt(turns).catch(this.app.failed);
      this.#unwanted &&= this.asking > 0;
    }
  }

  #add(turns) {
    for (const turn of turns) this.tree.add(turn);
    this.app.tabs.changed({ kind: 'conversation', id: this.id });
    this.changed();
  }

  /** Stop what runs; what was said so far stays. */
  async stop() {
    this.#unwanted = this.asking > 0;
    await this.#halt(this.running());
  }

  async #halt(turns) {
    const running = turns.filter(({ state }) => state === 'running');
    await Promise.all(running.map(({ id }) => this.app.api.post(`/turns/${id}/stop`)));
  }

  /** Change settings; they are kept with the conversation once there is one. */
  async set(settings) {
    this.settings = { ...this.settings, ...settings };
    if (settings.model) localStorage.setItem(LAST_MODEL, settings.model);
    this.changed();
    if (this.id) await this.app.api.patch(`/conversations/${this.id}`, { settings: this.settings });
  }
}

function wanted(system, options) {
  return { ...(system ? { system } : {}), ...(options && Object.keys(options).length ? { options } : {}) };
}

/** How many settings differ from the defaults. */
export function countSet({ system, options = {} }) {
  return Object.keys(options).length + (system ? 1 : 0);
}
