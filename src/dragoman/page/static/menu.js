/**
 * A button that opens a menu; the menu itself is in menu-list.js, loaded with the first.
 */

import { h } from './dom.js';
import { later } from './later.js';

/**
 * @typedef {object} Item
 * @property {string} label
 * @property {string} [icon]
 * @property {() => void} [run]
 * @property {string} [href] a link in place of `run`, with `download`
 * @property {boolean} [checked] one of several choices, and whether it is the one
 * @property {boolean} [danger]
 */

/**
 * A button that opens a menu.
 *
 * @param {Record<string, any>} props of the button; its name is `aria-label` or its children
 * @param {() => (Item | null)[]} items asked each time it opens; null draws a line
 * @param {...any} children
 */
export function menuButton(props, items, ...children) {
  const button = h('button', { type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': 'false', ...props },
    ...children);
  button.addEventListener('click', async () => {
    const { openMenu } = await later(() => import('./menu-list.js'));
    openMenu(button, items());
  });
  return button;
}
