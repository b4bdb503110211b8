const links = data.links.map(([receiver, cell, group]) => ({ receiver, cell, group }));
function sendersOf(link) {
  if (link.senders) return link.senders;
  const isolated = classes[link.receiver].ingress[0]?.length > 0;
  link.senders = [];
  rows.forEach((row, sender) => {
    if (row[link.receiver] !== link.cell) return;
    if (isolated || classes[sender].egress[0]?.length > 0) link.senders.push(sender);
  });
  return link.senders;
}
const groupTexts = data.groups.map(text => text.toLowerCase());
function linkFits(place, chosen) {
  if (chosen.words.length === 0) return true;
  const link = links[place];
  const own = chosen.ofClass[link.receiver] | chosen.ofCell[link.cell] | chosen.bits(groupTexts, link.group);
  if (own === chosen.full) return true;
  return sendersOf(link).some(sender => (own | chosen.ofClass[sender]) === chosen.full);
}
const isolation = (each, direction) => each[direction][0] === null ? 'not asked: of another node'
  : each[direction][0].length === 0 ? 'open'
  : 'isolated by ' + each[direction][0].map(place => data.sides[0].policies[place].name).join(', ');
const place = number => { const [file, line, column] = data.places[number]; return `${data.files[file]}:${line}:${column}`; };
const isolationTexts = classes.map(each => `${isolation(each, 'ingress')} ${isolation(each, 'egress')}`.toLowerCase());
const outsideTexts = data.outside.map(([, direction, blocks, traffic]) =>
  `${direction} ${blocks} ${data.words[traffic]}`.toLowerCase());
const tables = [
  new Table('links', links.length, linkFits, row => {
    const link = links[row];
    return [data.groups[link.group], classes[link.receiver].name,
      make('button', { type: 'button', class: 'link', 'data-pair': `${sendersOf(link)[0]} ${link.receiver}` }, cellWords[link.cell])];
  }),
  new Table('classes', classes.length, (row, chosen) => (chosen.ofClass[row] | chosen.bits(isolationTexts, row)) === chosen.full,
    row => {
      const each = classes[row];
      return [each.name, isolation(each, 'ingress'), isolation(each, 'egress'),
        someOf(each.pods.map(pod => fullName(each, pod)), 20)];
    }),
  new Table('outside', data.outside.length,
    (row, chosen) => (chosen.ofClass[data.outside[row][0]] | chosen.bits(outsideTexts, row)) === chosen.full,
    row => {
      const [each, direction, blocks, traffic] = data.outside[row];
      return [classes[each].name, direction, blocks, data.words[traffic]];
    }),
  textTable('policies', data.policies.map(([name, pods, at]) => `${name} ${pods} ${place(at)}`), row => {
    const [name, pods, at] = data.policies[row];
    return [name, pods, make('code', {}, place(at))];
  }),
];
const total = tables.reduce((sum, table) => sum + table.count, 0);
function show() {
  const chosen = selection(wordsOf(filter.value), () => true);
  const count = tables.reduce((sum, table) => sum + table.filter(chosen), 0);
  showMatrix(chosen);
  document.querySelectorAll('#graph [data-pair]').forEach(edge => {
    const [sender, receiver] = edge.dataset.pair.split(' ').map(Number);
    edge.classList.toggle('off', !chosen.fits(sender, receiver, rows[sender][receiver]));
  });
  byId('shown').textContent = `${count} of ${total} rows`;
}
filter.addEventListener('input', show);
window.addEventListener('hashchange', readAddress);
window.addEventListener('beforeprint', () => {
  grid?.print(true);
  for (const table of tables) { table.limit = 2000; table.fill(); }
  document.querySelectorAll('details').forEach(part => { part.open = true; });
});
window.addEventListener('afterprint', () => grid?.print(false));
show();
readAddress();
