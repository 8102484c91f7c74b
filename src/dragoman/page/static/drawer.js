/**
 * The sidebar on a phone: a drawer over the stage, which cannot be reached meanwhile.
 */

/** Open or close it; on a wide screen, where the sidebar always stands, nothing changes. */
export function drawer(open) {
  const { body } = document;
  const narrow = matchMedia('(max-width: 860px)').matches;
  if (body.classList.contains('drawer-open') === (open && narrow)) return;
  body.classList.toggle('drawer-open', open);
  document.querySelector('.stage').inert = open;
  document.querySelector(open ? '.close-drawer' : '.menu-button')?.focus();
}
