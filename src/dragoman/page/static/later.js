/**
 * What few readers need at once is loaded when it is asked for: a module, with the styles of what
 * opens over a view (overlay.css) and the words for it (words/LANGUAGE.more.js).
 */

import { loadWords } from './i18n.js';
import { stylesheet } from './stylesheet.js';

/**
 * @template T
 * @param {() => Promise<T>} load `() => import('./settings.js')`
 * @returns {Promise<T>}
 */
export async function later(load) {
  const [found] = await Promise.all([load(), loadWords('more'), stylesheet('overlay')]);
  return found;
}
