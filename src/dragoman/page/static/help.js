/**
 * The dialog with the keyboard shortcuts.
 */

import { openDialog } from './dialog.js';
import { h } from './dom.js';
import { t } from './i18n.js';

/**
 * Open the dialog.
 *
 * @param {Record<string, {label: string}>[]} sets as `addKeys` got them
 * @param {string} kept where localStorage has it that single keys are off
 */
export function openHelp(sets, kept) {
  const mac = navigator.platform.startsWith('Mac');
  const keys = [['Enter', 'keys.send'], ['Shift+Enter', 'keys.line'],
    ...sets.flatMap((set) => Object.entries(set)).map(([key, { label }]) => [key, label])];
  const rows = [...Map.groupBy(keys, ([, label]) => label)].map(([label, ways]) =>
    h('div', {}, h('dt', {}, ...ways.flatMap(([key]) => shown(key, mac))), h('dd', {}, t(label))));
  const box = h('input', { type: 'checkbox', checked: localStorage.getItem(kept) !== 'off' });
  box.onchange = () => localStorage.setItem(kept, box.checked ? 'on' : 'off');
  openDialog(t('keys.title'), [
    h('dl', { class: 'keys' }, ...rows),
    h('label', { class: 'check' }, box, t('keys.single')),
  ]);
}

function shown(key, mac) {
  const names = { Mod: mac ? '⌘' : 'Ctrl', Escape: 'Esc' };
  return key.split('+').map((part) => h('kbd', {}, names[part] ?? (part.length === 1 ? part.toUpperCase() : part)));
}
