/**
 * The one place where a string becomes HTML, and only what the server rendered and cleaned does.
 * The browser refuses every other way (Trusted Types, policy `dragoman`).
 */

const policy = globalThis.trustedTypes?.createPolicy('dragoman', { createHTML: (html) => html });

/**
 * Show a block that the server rendered.
 *
 * @param {Element} element
 * @param {string} html from `parts[].html` of a turn or a `block` event, and from nowhere else
 */
export function setRendered(element, html) {
  element.innerHTML = policy ? policy.createHTML(html) : html;
}
