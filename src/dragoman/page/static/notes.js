/**
 * Short words: to a screen reader politely, and of an error to everybody.
 */

import { t } from './i18n.js';

/** Say something to a screen reader when it has a moment. */
export function announce(text) {
  const region = document.querySelector('#status');
  region.textContent = '';
  // The same words twice are read twice only if the region was empty between.
  setTimeout(() => {
    region.textContent = text;
  }, 60);
}

/** An error in words: what happened, and what to do about it. */
export function explain(error) {
  if (error.kind === 'offline') return t('error.offline');
  return error.hint ? `${error.message} - ${error.hint}` : error.message;
}
