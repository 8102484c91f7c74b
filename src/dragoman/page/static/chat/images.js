/**
 * Pictures to send: any that the browser can show, made small enough for a model and the gateway.
 */

import { newId } from '../dom.js';
import { bytes, t } from '../i18n.js';

/** What providers take as it is. */
const TAKEN = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const MOST_PIXELS = 2048;
/** Larger than this is drawn again; more than the second is not even tried. */
const GOOD_BYTES = 3e6;
const MOST_BYTES = 80e6;

/**
 * @typedef {{id: string, name: string, media_type: string, blob: Blob, url: string}} Picture
 *   `url` is a blob: address, revoked by whoever takes the picture out
 */

/**
 * Take a file as a picture; an Error with words for the reader if it is none, or too large.
 *
 * @param {File | Blob} file
 * @param {number} limit_bytes of a request, in base64
 * @returns {Promise<Picture>}
 */
export async function takePicture(file, limit_bytes) {
  const name = file.name || t('image.alt');
  if (file.size > MOST_BYTES) {
    throw new Error(t('image.too_large', { name, size: bytes(file.size), most: bytes(MOST_BYTES) }));
  }
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(t('image.not_one', { name }));
  }
  const { width, height } = bitmap;
  const small = Math.max(width, height) <= MOST_PIXELS && file.size <= GOOD_BYTES;
  const blob = small && TAKEN.includes(file.type) ? file : await drawn(bitmap, file.type);
  bitmap.close();
  if (blob.size * 1.37 > limit_bytes * 0.9) {
    throw new Error(t('image.too_large', { name, size: bytes(blob.size), most: bytes(limit_bytes * 0.65) }));
  }
  return { id: newId('picture'), name, media_type: blob.type, blob, url: URL.createObjectURL(blob) };
}

/** A picture drawn again, its longer side at most MOST_PIXELS; PNG only if that stays small. */
async function drawn(bitmap, type) {
  const scale = Math.min(1, MOST_PIXELS / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  const encode = (as) => new Promise((done) => canvas.toBlob(done, as, 0.88));
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  if (type !== 'image/jpeg') {
    const png = await encode('image/png');
    if (png.size <= GOOD_BYTES) return png;
  }
  // JPEG has no transparency: what shows through is white, not black.
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  return encode('image/jpeg');
}

/** Pictures as parts of a turn. */
export function partsOf(pictures) {
  return Promise.all(pictures.map(partOf));
}

/** One picture as a part. */
export async function partOf(picture) {
  const url = await new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(picture.blob);
  });
  return { type: 'image', media_type: picture.media_type, data: url.slice(url.indexOf(',') + 1) };
}

/** Take the pictures of a turn that was sent, to send them again. */
export async function pictureOf(part) {
  const blob = await (await fetch(part.url)).blob();
  return { id: newId('picture'), name: t('image.alt'), media_type: part.media_type, blob, url: URL.createObjectURL(blob) };
}
