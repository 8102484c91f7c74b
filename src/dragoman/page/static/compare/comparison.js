/**
 * A comparison on the server: a conversation of the kind "compare", its models and its turns. No
 * elements.
 */

import { partOf } from '../chat/images.js';
import { branches } from './branches.js';

export class Comparison {
  title = '';
  settings = {};
  #turns = [];

  /** @param {import('../app.js').App} app @param {string | null} id null: it begins with a prompt */
  constructor(app, id) {
    this.app = app;
    this.id = id;
  }

  /** The models in the order of their columns; none before it has begun. */
  get models() {
    return this.settings.models ?? [];
  }

  /** Read it from the server; `again` when nobody asked for it. */
  async load(again = false) {
    const { conversation, turns } = await this.app.api[again ? 'look' : 'get'](`/conversations/${this.id}`);
    this.title = conversation.title;
    this.settings = conversation.settings ?? {};
    this.#turns = turns;
  }

  /** The branch of each model; see branches.js. */
  branches() {
    return branches(this.#turns, this.models);
  }

  /** Begin with a prompt to all; everything is on the server's disk when this ends. */
  async begin(message, models) {
    const settings = { ...this.settings, kind: 'compare', model: models[0], models };
    const parts = await partsOf(message);
    if (this.id) await this.app.api.patch(`/conversations/${this.id}`, { settings });
    else this.id = (await this.app.api.post('/conversations', { title: '', settings })).id;
    const said = await this.#say(null, parts, models);
    this.settings = settings;
    this.#turns = [said.user, ...said.answers];
    this.title = message.text.trim().split('\n')[0].slice(0, 80);
    return this.#turns;
  }

  /**
   * A further prompt, to each model on its own branch.
   *
   * @param {(object | null)[]} lasts the last answer of each column
   * @returns {Promise<object[][]>} the new turns of each column
   */
  async goOn(message, lasts) {
    const parts = await partsOf(message);
    const said = await Promise.all(this.models.map((model, at) =>
      this.#say(lasts[at]?.id ?? null, parts, [model])));
    return said.map(({ user, answers }) => [user, ...answers]);
  }

  /** Ask the model of a column again; the new answer. */
  async again(turn, at) {
    const { answers } = await this.app.api.post(`/turns/${turn.id}/again`, { model: this.models[at], ...this.#wanted() });
    return answers[0];
  }

  /** Change settings; they are kept with the conversation once there is one. */
  async set(settings) {
    this.settings = { ...this.settings, ...settings };
    if (this.id) await this.app.api.patch(`/conversations/${this.id}`, { settings: this.settings });
  }

  #say(parent, parts, models) {
    return this.app.api.post(`/conversations/${this.id}/turns`, { parent, parts, models, ...this.#wanted() });
  }

  #wanted() {
    const { system, options } = this.settings;
    return { ...(system ? { system } : {}), ...(options && Object.keys(options).length ? { options } : {}) };
  }
}

async function partsOf({ text, images }) {
  const parts = await Promise.all(images.map(partOf));
  if (text.trim()) parts.push({ type: 'text', text });
  return parts;
}
