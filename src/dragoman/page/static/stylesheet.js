/**
 * Stylesheets of views that not everybody opens, loaded with the view.
 */

import { h } from './dom.js';

const loaded = new Map();

/** Load NAME.css once; the promise ends when it is in force, or cannot be had. */
export function stylesheet(name) {
  if (!loaded.has(name)) {
    loaded.set(name, new Promise((done) => {
      const on = { load: done, error: done };
      document.head.append(h('link', { rel: 'stylesheet', href: `/page/static/${name}.css`, on }));
    }));
  }
  return loaded.get(name);
}
