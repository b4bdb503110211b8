const changes = [...document.querySelectorAll('.change')];
const changeTexts = changes.map(change => change.textContent.toLowerCase());
const unchanged = byId('unchanged');
function show() {
  const words = wordsOf(filter.value);
  const kinds = new Set([...document.querySelectorAll('.kind:checked')].map(box => box.value));
  let count = 0;
  changes.forEach((change, place) => {
    change.hidden = !(kinds.has(change.dataset.kind) && words.every(word => changeTexts[place].includes(word)));
    if (!change.hidden) count += 1;
  });
  byId('shown').textContent = `${count} of ${changes.length} changes`;
  showMatrix(selection(words, cell => data.marks[cell] === 'same' ? unchanged.checked : kinds.has(data.marks[cell])));
}
// A link to a change opens it.
function openChange() {
  const target = /^#c\d+$/.test(location.hash) ? byId(location.hash.slice(1)) : null;
  if (!target) return readAddress();
  target.hidden = false;
  target.open = true;
  target.querySelector('summary').focus();
}
// Where nothing changes between pods, the whole matrix is more than none.
unchanged.checked = !data.cells.some((_, cell) => data.marks[cell] !== 'same');
filter.addEventListener('input', show);
document.querySelectorAll('.kind, #unchanged').forEach(box => box.addEventListener('change', show));
window.addEventListener('hashchange', openChange);
window.addEventListener('beforeprint', () => {
  grid?.print(true);
  changes.forEach(change => { change.open = true; });
});
window.addEventListener('afterprint', () => grid?.print(false));
show();
openChange();
