/**
 * What rendered blocks get besides: code can be copied, a picture from elsewhere loads after a click.
 */

import { address } from '../api.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';

/** Put a copy button on each figure of code in a block that was just rendered. */
export function decorate(block) {
  for (const caption of block.querySelectorAll('figure.code > figcaption')) {
    const copy = h('button', { type: 'button', class: 'icon-button', 'aria-label': t('copy.code') }, icon('copy'));
    copy.onclick = () => copyText(copy, codeOf(caption.parentElement));
    caption.append(copy);
  }
}

/** Long code comes in slices: figures with the class "more", in the blocks that follow. */
function codeOf(figure) {
  const figures = [...figure.closest('.prose').querySelectorAll('figure.code')];
  const after = figures.slice(figures.indexOf(figure) + 1);
  const end = after.findIndex((one) => !one.classList.contains('more'));
  const slices = [figure, ...after.slice(0, end < 0 ? after.length : end)];
  return slices.map((one) => one.querySelector('code').textContent).join('').replace(/\n$/, '');
}

/** A click in rendered text: a picture from elsewhere is fetched by the gateway, when asked for. */
export function clicked(event) {
  const load = event.target.closest('button.picture[data-src]');
  if (!load) return;
  const alt = load.querySelector('span')?.textContent || t('image.alt');
  const shown = h('img', { src: address('/picture', { url: load.dataset.src }), alt, class: 'remote' });
  shown.onerror = () => shown.replaceWith(h('span', { class: 'note', role: 'alert' }, icon('warn'), t('image.failed')));
  load.replaceWith(shown);
}

/** Copy words, and say so on the button for a moment. */
export async function copyText(button, words) {
  (await import('./copy.js')).copy(button, words);
}
