/* The chosen theme, set before anything is painted: a classic script, because modules run later. */
(() => {
  const apply = () => {
    const theme = localStorage.getItem('dragoman.theme') || 'system';
    document.documentElement.dataset.theme = theme;
  };
  apply();
  // Another tab changed it.
  addEventListener('storage', apply);
  addEventListener('dragoman-theme', apply);
})();
