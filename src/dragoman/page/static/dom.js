/**
 * Elements made by calls, never from strings: what a person or a model wrote stays text.
 */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Make an element.
 *
 * Props: `class`; `data` and `on` are objects (dataset, listeners); a function or a property that
 * the element has is set as a property, all else as an attribute; null, undefined and false are
 * left out.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [props]
 * @param {...(Node | string | number | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(made, name, value);
  add(made, children);
  return made;
}

/** Make an SVG element; every prop is an attribute. */
export function svg(tag, props = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) {
    if (value != null && value !== false) made.setAttribute(name, value);
  }
  add(made, children);
  return made;
}

function set(made, name, value) {
  if (value == null || value === false) return;
  if (name === 'class') made.className = value;
  else if (name === 'data') Object.assign(made.dataset, value);
  else if (name === 'on') {
    for (const [kind, heard] of Object.entries(value)) made.addEventListener(kind, heard);
  } else if (name in made && !name.includes('-') && name !== 'list') made[name] = value;
  else made.setAttribute(name, value === true ? '' : value);
}

function add(made, children) {
  made.append(...children.flat().filter((child) => child != null && child !== false));
}

let count = 0;

/** An id that no other element of this page has. */
export function newId(word = 'id') {
  count += 1;
  return `${word}-${count}`;
}

/** Call `run` once after the last of many calls, `wait_ms` later. */
export function debounce(run, wait_ms) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...given), wait_ms);
  };
}
