/**
 * Files that are dropped anywhere on a view.
 */

/**
 * Take them; `shown` has the class "dropping" while one is held over the view.
 *
 * @param {HTMLElement} main
 * @param {HTMLElement} shown
 * @param {(transfer: DataTransfer) => void} take
 * @returns {() => void} ends it
 */
export function acceptFiles(main, shown, take) {
  const over = (now) => {
    shown.classList.toggle('dropping', now);
  };
  // Braces: a handler that returns false would take away the drop of a text, too.
  main.ondragover = (event) => {
    over(event.dataTransfer.types.includes('Files'));
  };
  main.ondragleave = (event) => {
    if (!main.contains(event.relatedTarget)) over(false);
  };
  main.ondrop = (event) => {
    over(false);
    take(event.dataTransfer);
  };
  return () => {
    main.ondragover = main.ondragleave = main.ondrop = null;
  };
}
