/**
 * Words to the clipboard.
 */

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';

/** Copy words, and say so on the button for a moment. */
export async function copy(button, words) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    // Without HTTPS a browser has no clipboard but this.
    const field = h('textarea', { class: 'hidden', value: words });
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
    button.focus();
  }
  const name = button.getAttribute('aria-label');
  if (name === t('copy.done')) return;
  button.replaceChildren(icon('check'));
  button.setAttribute('aria-label', t('copy.done'));
  setTimeout(() => {
    button.replaceChildren(icon('copy'));
    button.setAttribute('aria-label', name);
  }, 1500);
}
