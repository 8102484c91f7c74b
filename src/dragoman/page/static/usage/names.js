/**
 * What usage was summed by, as a reader has it.
 */

import { date, t } from '../i18n.js';

export function nameOf(by, of) {
  if (of === '') return t(`spent.no.${by}`);
  // A date has no zone: noon is on the same day for everybody's clock that reads it as local.
  return by === 'day' ? date(new Date(`${of}T12:00`).getTime() / 1000, { dateStyle: 'medium' }) : of;
}
