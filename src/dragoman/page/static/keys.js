/**
 * Keyboard shortcuts. Views add their own with `addKeys`; the help dialog shows what there is.
 *
 * Single keys work outside of text fields only and can be switched off (WCAG 2.2, 2.1.4).
 */

import { drawer } from './drawer.js';
import { later } from './later.js';

const KEPT = 'dragoman.single_keys';
const SETS = new Set();

/**
 * Add shortcuts: `{'n': {label: 'keys.new', run}}`. A key is `event.key`, "Mod+k" with Ctrl or ⌘,
 * "Shift+Escape". `run` returns false to let the key be.
 *
 * @param {Record<string, {label: string, run: (event: KeyboardEvent) => any}>} keys
 * @returns {() => void} takes them away
 */
export function addKeys(keys) {
  SETS.add(keys);
  return () => SETS.delete(keys);
}

/** Begin to listen, and add what works everywhere. */
export function bindKeys(app) {
  addKeys({
    '?': { label: 'keys.help', run: showHelp },
    'Mod+/': { label: 'keys.help', run: showHelp },
    n: { label: 'keys.new', run: () => app.go('#/chat') },
    'Mod+k': { label: 'keys.search', run: focusSearch },
  });
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
    const found = find(event);
    if (found && found.run(event) !== false) event.preventDefault();
  });
}

function find(event) {
  const mod = event.ctrlKey || event.metaKey;
  const typing = event.target.closest('input, textarea, select, [contenteditable]');
  const single = !mod && event.key.length === 1;
  if (event.altKey || (single && (typing || localStorage.getItem(KEPT) === 'off'))) return null;
  const shift = event.shiftKey && event.key.length > 1 ? 'Shift+' : '';
  const key = (mod ? 'Mod+' : '') + shift + event.key;
  for (const keys of [...SETS].reverse()) if (keys[key]) return keys[key];
  return null;
}

function focusSearch() {
  drawer(true);
  document.querySelector('#sidebar input[type=search]').focus();
}

/** The dialog with every shortcut. */
export async function showHelp() {
  (await later(() => import('./help.js'))).openHelp([...SETS], KEPT);
}
