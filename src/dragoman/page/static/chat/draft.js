/**
 * What was typed and not sent, by conversation: the text survives a reload (localStorage), pictures
 * stay while the page does.
 */

const PREFIX = 'dragoman.draft.';
const pictures = new Map();

/** @param {string | null} id of a conversation; null: a new one */
export function readDraft(id) {
  return { text: localStorage.getItem(PREFIX + (id ?? '')) ?? '', images: pictures.get(id) ?? [] };
}

/** Keep a draft; an empty one is forgotten. */
export function keepDraft(id, { text, images }) {
  pictures.set(id, images);
  try {
    if (text) localStorage.setItem(PREFIX + (id ?? ''), text);
    else localStorage.removeItem(PREFIX + (id ?? ''));
  } catch {
    // The browser's storage is full: the text is still in its field.
  }
}
