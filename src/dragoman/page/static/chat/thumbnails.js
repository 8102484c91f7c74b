/**
 * The pictures of a draft: thumbnails, each with a button that takes it out, and the three ways in
 * (paste, drop, file).
 */

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { later } from '../later.js';

/**
 * @param {import('../types.js').App} app
 * @param {{images: import('./images.js').Picture[], change: () => void, failed: (text: string) => void}} options
 *   `images` is changed in place
 */
export function makeThumbnails(app, { images, change, failed }) {
  const element = h('ul', { class: 'thumbnails', 'aria-label': t('image.attached'), hidden: !images.length });
  const file = h('input', { type: 'file', accept: 'image/*', multiple: true, hidden: true });
  const button = h('button', {
    type: 'button', class: 'icon-button', 'aria-label': t('image.add'), title: t('image.add'), on: { click: () => file.click() },
  }, icon('image'));

  async function add(files) {
    for (const one of files) {
      try {
        const room = app.me.body_limit_bytes - images.reduce((sum, { blob }) => sum + blob.size * 1.37, 0);
        const { takePicture } = await later(() => import('./images.js'));
        images.push(await takePicture(one, room));
        draw();
        change();
      } catch (error) {
        failed(error.message);
      }
    }
  }

  function draw() {
    element.hidden = !images.length;
    element.replaceChildren(...images.map((picture) => {
      const out = h('button', {
        type: 'button', class: 'icon-button', 'aria-label': t('image.remove', { name: picture.name }),
        on: { click: () => removeOne(picture) },
      }, icon('close'));
      return h('li', {}, h('img', { src: picture.url, alt: picture.name }), out);
    }));
  }

  function removeOne(picture) {
    images.splice(images.indexOf(picture), 1);
    URL.revokeObjectURL(picture.url);
    draw();
    change();
    (element.querySelector('button') ?? button).focus();
  }

  file.onchange = () => {
    add([...file.files]);
    file.value = '';
  };
  draw();
  return {
    element,
    button,
    file,
    /** Take the files of a paste or a drop; false if there are none. */
    take(transfer) {
      const files = [...(transfer?.files ?? [])];
      if (files.length) add(files);
      return files.length > 0;
    },
    clear() {
      images.length = 0;
      draw();
    },
  };
}
