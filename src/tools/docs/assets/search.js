// Search as you type over the index that `npm run docs` builds. Runs in the browser, from a file as well as from a server.
const root = document.currentScript.dataset.root;
const input = document.querySelector('#search');
const list = document.querySelector('#results');
const [json, options] = window.searchIndex;
const index = window.MiniSearch.loadJSON(json, options);
const SEARCH = { prefix: true, fuzzy: 0.2, combineWith: 'AND', boost: { title: 4, page: 2 } };

if (matchMedia('(max-width: 50rem)').matches) document.querySelector('nav details').open = false;

input.addEventListener('input', () => {
  const found = input.value.trim() === '' ? [] : index.search(input.value, SEARCH).slice(0, 12);
  list.replaceChildren(
    ...found.map(({ id, title, page }) => {
      const link = document.createElement('a');
      link.href = root + id;
      link.textContent = title;
      if (page !== title) {
        const where = document.createElement('small');
        where.textContent = ` ${page}`;
        link.append(where);
      }
      const item = document.createElement('li');
      item.append(link);
      return item;
    }),
  );
  list.hidden = found.length === 0;
});

document.addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== input) {
    event.preventDefault();
    input.focus();
  } else if (event.key === 'Escape') {
    list.hidden = true;
  } else if (event.key === 'Enter' && document.activeElement === input) {
    list.querySelector('a')?.click();
  }
});
