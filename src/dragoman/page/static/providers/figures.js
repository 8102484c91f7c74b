/**
 * Measured figures as a reader has them, and times of the API as numbers.
 */

import { number, seconds } from '../i18n.js';

/** Milliseconds; a dash for what was never measured. */
export const ms = (value) => (value == null ? '–' : seconds(value / 1000));

/** A share of 1. */
export const share = (value) =>
  number(value, { style: 'percent', maximumFractionDigits: value && value < 0.1 ? 1 : 0 });

/** A time of the API, Unix seconds or ISO 8601, as Unix seconds; null stays null. */
export const time_s = (time) => (typeof time === 'string' ? Date.parse(time) / 1000 : (time ?? null));
