/**
 * Usage as a file of comma-separated values, made here: nothing is asked of the server for it.
 *
 * Source: RFC 4180 "Common Format and MIME Type for CSV Files"; OWASP "CSV Injection"; read
 * 2026-11-21.
 */

import { h } from '../dom.js';

const FIGURES = [
  'requests', 'errors', 'rescued', 'input_tokens', 'output_tokens', 'cached_tokens',
  'reasoning_tokens', 'cost', 'priced', 'first_token_s', 'duration_s',
];

/** The rows as a text; the names of the columns are those of `dragoman usage --json`. */
export function csv(usage, by) {
  const lines = [[by, ...FIGURES], ...usage.rows.map((row) => [row.of, ...FIGURES.map((key) => row[key])])];
  return lines.map((line) => `${line.map(field).join(',')}\r\n`).join('');
}

function field(value) {
  if (typeof value === 'number') return String(value);
  let text = value ?? '';
  // A spreadsheet would take it for a formula.
  if (/^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hand a text to the reader as a file. */
export function save(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = h('a', { href: url, download: name });
  link.click();
  // The browser may begin to read it only after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
