/**
 * Where a message is written: a field that grows, pictures, and a button that sends or stops.
 *
 *     const composer = makeComposer(app, {draft: id, label, tools: [picker.element], send, stop})
 *     composer.element; composer.focus(); composer.running = true; composer.fail(text)
 *
 * `send({text, images})` may fail with an error: then everything stays where it is and the error is
 * shown. `draft` is the conversation's id (null: a new one); what was typed is kept under it.
 */

import { debounce, h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { explain } from '../notes.js';
import { keepDraft, readDraft } from './draft.js';
import { makeThumbnails } from './thumbnails.js';

/**
 * @param {import('../types.js').App} app
 * @param {object} options
 * @param {string | null} [options.draft]
 * @param {string} [options.label] the field's accessible name and placeholder
 * @param {Node[]} [options.tools] beside the picture button
 * @param {(message: {text: string, images: object[]}) => Promise<void>} options.send
 * @param {() => void} options.stop
 * @param {() => string} [options.warning] words about what is attached, or ""
 */
export function makeComposer(app, { draft: id = null, label = t('composer.label'), tools = [], send, stop, warning = () => '' }) {
  let draftId = id;
  let running = false;
  let sending = false;
  const { text, images } = readDraft(id);
  const field = h('textarea', { rows: 1, 'aria-label': label, placeholder: label, dir: 'auto', value: text, enterKeyHint: 'send' });
  const error = h('p', { class: 'form-error', role: 'alert', dir: 'auto' });
  const warned = h('p', { class: 'form-warning', role: 'status' });
  const button = h('button', { type: 'submit', class: 'send' });
  const pictures = makeThumbnails(app, { images, change: changed, failed: fail });
  const element = h('form', { class: 'composer', 'aria-label': t('composer.form') },
    pictures.element, field, error, warned,
    h('div', { class: 'composer-row' }, pictures.button, pictures.file, ...tools, button));
  const keep = debounce(() => keepDraft(draftId, { text: field.value, images }), 150);

  function changed() {
    error.textContent = '';
    grow();
    state();
    keep();
  }

  function fail(words) {
    error.textContent = words;
  }

  /** Browsers without `field-sizing` need a hand. */
  function grow() {
    if (CSS.supports('field-sizing', 'content')) return;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
  }

  function state() {
    const name = running ? t('composer.stop') : t('composer.send');
    if (button.getAttribute('aria-label') !== name) {
      button.setAttribute('aria-label', name);
      button.title = name;
      button.replaceChildren(icon(running ? 'stop' : 'arrow'));
    }
    button.disabled = !running && (sending || !(field.value.trim() || images.length));
    button.classList.toggle('stops', running);
    warned.textContent = images.length ? warning() : '';
  }

  async function submit() {
    if (sending || running || !(field.value.trim() || images.length)) return;
    sending = true;
    field.readOnly = true;
    state();
    try {
      await send({ text: field.value, images: [...images] });
      images.forEach(({ url }) => URL.revokeObjectURL(url));
      field.value = '';
      pictures.clear();
      error.textContent = '';
      keepDraft(id, { text: '', images: [] });
      keepDraft(draftId, { text: '', images: [] });
    } catch (failed) {
      fail(failed.kind === 'offline' ? t('composer.offline') : explain(failed));
    }
    sending = false;
    field.readOnly = false;
    grow();
    state();
  }

  element.onsubmit = (event) => {
    event.preventDefault();
    if (running) stop();
    else submit();
  };
  // A double click sends and does not stop.
  button.onclick = (event) => {
    if (event.detail > 1) event.preventDefault();
  };
  field.oninput = changed;
  field.onkeydown = (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.altKey || event.isComposing) return;
    // On a phone's keyboard Enter is the only way to a new line.
    if (matchMedia('(pointer: coarse) and (hover: none)').matches && !event.ctrlKey) return;
    event.preventDefault();
    submit();
  };
  field.onpaste = (event) => {
    // Text that was copied from a document often brings a picture of itself.
    const isText = event.clipboardData.types.includes('text/plain');
    if (!isText && pictures.take(event.clipboardData)) event.preventDefault();
  };
  element.onclick = (event) => {
    if (event.target === element) field.focus();
  };
  state();
  queueMicrotask(grow);

  return {
    element,
    field,
    fail,
    refresh: state,
    focus: () => field.focus(),
    /** Files that were dropped somewhere on the view. */
    drop: (transfer) => pictures.take(transfer),
    /** The conversation has got its id. */
    rename: (next) => {
      draftId = next;
    },
    set running(now) {
      running = now;
      state();
    },
    get running() {
      return running;
    },
  };
}
