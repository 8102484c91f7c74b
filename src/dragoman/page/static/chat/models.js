/**
 * What the page says of a model: whether it works now, and how quickly. Pure but for the words.
 */

import { seconds, t } from '../i18n.js';

/**
 * @param {object} model a row of GET /models
 * @returns {'works' | 'down' | 'trying' | 'unknown'}
 */
export function markOf(model) {
  if (model.state === 'open') return 'down';
  if (model.state === 'probe') return 'trying';
  return model.last_success ? 'works' : 'unknown';
}

/**
 * A route works as its best candidate does, not as its first.
 *
 * @param {import('../types.js').Model[]} models
 */
export function withRoutes(models) {
  const byName = new Map(models.map((model) => [model.name, model]));
  const order = ['works', 'trying', 'unknown', 'down'];
  return models.map((model) => {
    if (model.kind !== 'route') return model;
    const candidates = model.candidates.map((name) => byName.get(name)).filter(Boolean);
    const [best] = candidates.sort((a, b) => order.indexOf(markOf(a)) - order.indexOf(markOf(b)));
    if (!best) return model;
    const { state, why, last_success, first_token_ms } = best;
    return { ...model, state, why, last_success, first_token_ms };
  });
}

/** What a model's mark means, with how quickly it answers. */
export function saidOf(model) {
  const mark = markOf(model);
  if (mark === 'down') return model.why ? `${t('model.down')}: ${model.why}` : t('model.down');
  if (mark === 'works' && model.first_token_ms) {
    return t('model.works_in', { time: seconds(model.first_token_ms / 1000) });
  }
  return t(`model.${mark}`);
}
