/**
 * The parts of a turn as elements: text in rendered blocks, pictures, reasoning, tool calls, refusals.
 *
 * `paint` may be called at each frame of a stream: it touches only the blocks whose HTML is another.
 */

import { h } from '../dom.js';
import { setRendered } from '../html.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { clicked, decorate } from './decorate.js';

/** From so many blocks on, those that are out of sight are not laid out. */
const LONG = 40;
/** More blocks than this are made in the next frame: a reader can scroll meanwhile. */
const AT_ONCE = 200;

export class Parts {
  element = h('div', { class: 'parts' });
  /** @type {{type: string, element: HTMLElement, paint: (part: object, open: boolean) => void}[]} */
  #slots = [];

  /**
   * @param {object[]} parts of a turn
   * @param {boolean} running whether the last of them may grow
   */
  paint(parts, running) {
    parts.forEach((part, i) => {
      if (!part) return;
      if (this.#slots[i]?.type !== part.type) this.#put(i, part);
      this.#slots[i].paint(part, running && i === parts.length - 1);
    });
    for (const slot of this.#slots.splice(parts.length)) slot?.element.remove();
  }

  #put(i, part) {
    const slot = { type: part.type, ...(KINDS[part.type] ?? unknown)(part) };
    slot.element.dataset.part = part.type;
    const before = this.#slots[i]?.element;
    if (before) before.replaceWith(slot.element);
    else this.element.insertBefore(slot.element, this.#slots.slice(i + 1).find(Boolean)?.element ?? null);
    this.#slots[i] = slot;
  }
}

const KINDS = { text, image, reasoning, tool_call: toolCall, refusal };

function text(part) {
  if (!part.html) {
    const element = h('div', { class: 'plain', dir: 'auto' });
    return { element, paint: ({ text: said }) => setText(element, said) };
  }
  const blocks = prose();
  return { element: blocks.element, paint: (now) => blocks.paint(now.html) };
}

/** Rendered blocks, one element each. */
function prose() {
  const element = h('div', { class: 'prose', on: { click: clicked } });
  const painted = [];
  let html = [];
  let next = 0;

  function step() {
    let left = AT_ONCE;
    for (let n = 0; n < html.length; n += 1) {
      if (html[n] === undefined || painted[n] === html[n]) continue;
      left -= 1;
      if (left < 0) {
        next = requestAnimationFrame(step);
        return;
      }
      while (element.children.length <= n) element.append(h('div', { class: 'block', dir: 'auto' }));
      setRendered(element.children[n], html[n]);
      decorate(element.children[n]);
      painted[n] = html[n];
    }
  }

  return {
    element,
    paint(blocks = []) {
      html = blocks;
      while (element.children.length > html.length) element.lastChild.remove();
      painted.length = Math.min(painted.length, html.length);
      element.classList.toggle('long', html.length > LONG);
      cancelAnimationFrame(next);
      step();
    },
  };
}

function image(part) {
  const picture = h('img', { src: part.url, alt: t('image.alt'), loading: 'lazy' });
  return { element: h('a', { class: 'picture', href: part.url, target: '_blank', rel: 'noopener' }, picture), paint() {} };
}

function reasoning() {
  const label = h('span', {});
  const blocks = prose();
  const plain = h('div', { class: 'plain', dir: 'auto' });
  const element = h('details', { class: 'fold reasoning' }, h('summary', {}, icon('right'), label), blocks.element, plain);
  return {
    element,
    paint(part, open) {
      setText(label, t(open ? 'reasoning.now' : 'reasoning.done'));
      element.classList.toggle('busy', open);
      blocks.paint(part.html);
      if (!part.html?.length) setText(plain, part.text ?? '');
    },
  };
}

function toolCall() {
  const label = h('span', {});
  const shown = h('code', { dir: 'ltr' });
  const element = h('details', { class: 'fold tool' },
    h('summary', {}, icon('right'), label), h('pre', { tabIndex: 0 }, shown));
  return {
    element,
    paint(part, open) {
      setText(label, t('tool', { name: part.name || '…' }));
      setText(shown, open ? part.arguments : indented(part.arguments));
    },
  };
}

function indented(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

function refusal() {
  const words = h('span', { dir: 'auto' });
  const element = h('p', { class: 'note' }, icon('warn'), words);
  return { element, paint: (part) => setText(words, part.text || t('refusal')) };
}

function unknown(part) {
  return { element: h('p', { class: 'note' }, part.type), paint() {} };
}

function setText(element, words = '') {
  if (element.textContent !== words) element.textContent = words;
}

/** What a turn says, as its author wrote it. */
export function textOf(turn) {
  return turn.parts.filter((part) => part?.type === 'text').map((part) => part.text ?? '').join('\n\n');
}
