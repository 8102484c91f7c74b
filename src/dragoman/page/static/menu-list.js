/**
 * An open menu: arrow keys, Home and End, Escape; focus goes back to its button.
 *
 * Source: W3C, "ARIA Authoring Practices Guide", menu button pattern, read 2026-11-21.
 */

import { h, newId } from './dom.js';
import { icon } from './icons.js';

/**
 * Open a menu beside its button.
 *
 * @param {HTMLButtonElement} button
 * @param {(import('./menu.js').Item | null)[]} items
 */
export function openMenu(button, items) {
  const menu = h('div', {
    class: 'menu',
    role: 'menu',
    popover: 'auto',
    id: newId('menu'),
    'aria-label': button.getAttribute('aria-label') ?? button.textContent,
  });
  menu.append(...items.map((item) => (item ? row(item, menu) : h('hr'))));
  menu.addEventListener('keydown', (event) => move(event, menu));
  menu.addEventListener('toggle', (event) => {
    button.setAttribute('aria-expanded', String(event.newState === 'open'));
    if (event.newState === 'open') return;
    const inside = menu.contains(document.activeElement) || document.activeElement === document.body;
    menu.remove();
    if (inside) button.focus();
  });
  // Beside the button, so that a modal dialog does not make it inert.
  button.after(menu);
  menu.showPopover();
  place(menu, button);
  (menu.querySelector('[aria-checked=true]') ?? menu.querySelector('[role^=menuitem]')).focus();
}

function row(item, menu) {
  const role = item.checked === undefined ? 'menuitem' : 'menuitemradio';
  const props = {
    role,
    tabIndex: -1,
    class: item.danger ? 'danger' : '',
    'aria-checked': item.checked === undefined ? null : String(item.checked),
    on: {
      click: () => {
        menu.hidePopover();
        item.run?.();
      },
    },
  };
  const mark = item.checked === undefined ? item.icon : item.checked && 'check';
  const shown = [h('span', { class: 'mark' }, mark ? icon(mark) : null), item.label];
  return item.href
    ? h('a', { ...props, href: item.href, download: '' }, ...shown)
    : h('button', { ...props, type: 'button' }, ...shown);
}

function move(event, menu) {
  const rows = [...menu.querySelectorAll('[role^=menuitem]')];
  const at = rows.indexOf(document.activeElement);
  const next = {
    ArrowDown: rows[(at + 1) % rows.length],
    ArrowUp: rows.at(at - 1),
    Home: rows[0],
    End: rows.at(-1),
  }[event.key];
  if (event.key === 'Tab') menu.hidePopover();
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function place(menu, button) {
  const near = button.getBoundingClientRect();
  const own = menu.getBoundingClientRect();
  const below = near.bottom + own.height + 8 < innerHeight;
  const start = document.dir === 'rtl' || near.left + own.width > innerWidth - 8;
  const left = start ? near.right - own.width : near.left;
  menu.style.top = `${Math.max(8, below ? near.bottom + 4 : near.top - own.height - 4)}px`;
  menu.style.left = `${Math.max(8, left)}px`;
}
