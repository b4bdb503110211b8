const filter = byId('filter');
// For each text the words that it has, a bit a word.
const bitsOf = (words, text) => words.reduce((mask, word, place) => text.includes(word) ? mask | 1 << place : mask, 0);
const bits = (words, texts) => Uint32Array.from(texts, text => bitsOf(words, text));
function wordsOf(text) { return text.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 30); }

const policyNames = (each, direction) => each[direction].map((list, side) =>
  (list ?? []).map(place => data.sides[side].policies[place].name).join(' ')).join(' ');
const classTexts = classes.map(each =>
  `${each.name} ${data.namespaces[each.space]}/ ${each.pods.map(pod => fullName(each, pod)).join(' ')} ` +
  `${each.addresses.join(' ')} ${policyNames(each, 'ingress')} ${policyNames(each, 'egress')}`.toLowerCase());
const lowerCells = cellWords.map(text => text.toLowerCase());

// What the filter leaves: masks, and for each pair whether it fits.
function selection(words, fitsCell) {
  const full = 2 ** words.length - 1;
  const ofClass = bits(words, classTexts);
  const ofCell = bits(words, lowerCells);
  const usable = Uint8Array.from(data.cells, (_, cell) => fitsCell(cell) ? 1 : 0);
  return {
    words, full, ofClass, ofCell, bits: (texts, place) => bitsOf(words, texts[place]),
    fits: (sender, receiver, cell) =>
      usable[cell] === 1 && ((ofClass[sender] | ofClass[receiver] | ofCell[cell]) & full) === full,
    // Calls visit(receiver, cell) for every pair of a sender that fits.
    forEach: (sender, visit) => {
      const missing = full & ~ofClass[sender];
      const row = rows[sender];
      for (let receiver = 0; receiver < row.length; receiver++) {
        const cell = row[receiver];
        if (usable[cell] === 1 && ((ofClass[receiver] | ofCell[cell]) & missing) === missing) visit(receiver, cell);
      }
    },
  };
}

const byNamespace = 1, byClass = 2;
const view = { level: classes.length > 48 && data.namespaces.length > 1 ? byNamespace : byClass, from: null, to: null };
const grid = hasMatrix ? new Grid(byId('grid'), 'Senders by receivers') : null;
if (!hasMatrix) for (const id of ['matrix-part', 'links']) byId(id)?.closest('section').classList.add('without');

const spaces = Uint32Array.from(classes, each => each.space);
const inScope = (place, space) => space === null || spaces[place] === space;

// Changes towards and from addresses outside: number in the list of changes, direction, places of classes.
const outsideChanges = (data.outsideChanges ?? []).map(([number, isOutgoing, ...places]) => ({ number, isOutgoing: isOutgoing === 1, places }));
// For each group of classes those that the filter leaves: that its pods send, and that they receive.
function outsideOf(count, groupOf) {
  const [sent, received] = [0, 1].map(() => Array.from({ length: count }, () => []));
  for (const change of outsideChanges) {
    if (changes[change.number].hidden) continue;
    const lists = change.isOutgoing ? sent : received;
    for (const group of new Set(change.places.map(groupOf))) lists[group].push(change);
  }
  return [sent, received];
}
const outsideName = 'outside the cluster';
// The traffic before and after, as the change's line in the list says it.
const outsideWords = change => [...changes[change.number].querySelectorAll('summary code')].map(code => code.textContent).join(' → ');
function outsideCell(found) {
  if (found.length === 0) return { look: 'none', words: 'as before', isDim: true };
  const kinds = new Set(found.map(each => changes[each.number].dataset.kind));
  const look = kinds.size === 1 ? [...kinds][0] : 'changed';
  const words = found.length === 1 ? outsideWords(found[0]) : found.length + ' changes';
  return { look, words, brief: words.replace(/^.* → /, '→ ') };
}
// The model of a grid with a last row and column for addresses outside, where something changes there.
function withOutside(model, sent, received) {
  const [isSent, isReceived] = [sent, received].map(lists => lists.some(list => list.length > 0));
  const changesOf = (row, column) => row === sent.length ? received[column] ?? [] : column === received.length ? sent[row] : null;
  return {
    rows: [...model.rows, ...isReceived ? [outsideName] : []], columns: [...model.columns, ...isSent ? [outsideName] : []],
    cell: (row, column) => {
      const found = changesOf(row, column);
      return found ? outsideCell(found) : model.cell(row, column);
    },
    open: (row, column) => {
      const found = changesOf(row, column);
      if (!found) model.open(row, column); else if (found.length > 0) location.hash = `#c${found[0].number}`;
    },
  };
}

function showClasses(chosen) {
  const [senders, receivers] = [new Uint8Array(classes.length), new Uint8Array(classes.length)];
  classes.forEach((_, sender) => {
    if (!inScope(sender, view.from)) return;
    chosen.forEach(sender, receiver => {
      if (inScope(receiver, view.to)) senders[sender] = receivers[receiver] = 1;
    });
  });
  const places = [...classes.keys()];
  const [sent, received] = outsideOf(classes.length, place => place).map(lists => view.from === null ? lists : lists.map(() => []));
  for (const place of places) {
    if (sent[place].length > 0) senders[place] = 1;
    if (received[place].length > 0) receivers[place] = 1;
  }
  const [from, to] = [places.filter(place => senders[place]), places.filter(place => receivers[place])];
  grid.show(withOutside({
    rows: from.map(place => classes[place].name), columns: to.map(place => classes[place].name),
    cell: (row, column) => {
      const cell = rows[from[row]][to[column]];
      return { look: cellLooks[cell], words: cellWords[cell], brief: cellWords[cell].replace(/^.* → /, '→ '), isDim: !chosen.fits(from[row], to[column], cell) };
    },
    open: (row, column) => openCause(from[row], to[column]),
  }, from.map(place => sent[place]), to.map(place => received[place])));
  return `${from.length} × ${to.length} of ${classes.length} classes`;
}

const bitOf = { none: 1, self: 0, all: 2, some: 4, widened: 8, narrowed: 16, changed: 32 };
function showNamespaces(chosen) {
  const count = data.namespaces.length;
  const found = new Uint8Array(count * count);
  // For each pair of namespaces the different traffic between its pairs: the first ones, and how many more there are.
  const traffic = new Map();
  const [senders, receivers] = [new Uint8Array(count), new Uint8Array(count)];
  const looks = Uint8Array.from(cellLooks, look => bitOf[look]);
  classes.forEach((_, sender) => {
    const from = spaces[sender];
    chosen.forEach(sender, (receiver, cell) => {
      const to = spaces[receiver];
      found[from * count + to] |= looks[cell];
      if (looks[cell] & 6) {
        const key = from * count + to;
        if (!traffic.has(key)) traffic.set(key, new Set());
        traffic.get(key).add(cellWords[cell]);
      }
      senders[from] = receivers[to] = 1;
    });
  });
  const places = [...Array(count).keys()];
  const [sent, received] = outsideOf(count, place => spaces[place]);
  for (const place of places) {
    if (sent[place].length > 0) senders[place] = 1;
    if (received[place].length > 0) receivers[place] = 1;
  }
  const [from, to] = [places.filter(place => senders[place]), places.filter(place => receivers[place])];
  const kinds = { 8: 'widened', 16: 'narrowed' };
  grid.show(withOutside({
    rows: from.map(place => data.namespaces[place]), columns: to.map(place => data.namespaces[place]),
    cell: (row, column) => {
      const mask = found[from[row] * count + to[column]];
      const changed = mask & 56;
      if (changed) {
        const look = kinds[changed] ?? 'changed';
        return { look, words: look === 'changed' ? 'pairs change both ways' : `some pairs ${look}` };
      }
      if (mask === 2) return { look: 'all', words: 'all traffic between all pairs' };
      if (mask === 0 || mask === 1) return { look: 'none', words: 'nothing between any pair' };
      const list = [...traffic.get(from[row] * count + to[column]) ?? []];
      const brief = list.slice(0, 3).join('; ') + (list.length > 3 ? `; … ${list.length - 3} more` : '');
      return { look: 'some', words: brief + (mask & 1 ? ' between some pairs, nothing between others' : ' between all pairs'), brief };
    },
    open: (row, column) => {
      Object.assign(view, { level: byClass, from: from[row], to: to[column] });
      grid.active = [0, 0];
      showMatrix(chosen);
      grid.go(0, 0);
    },
  }, from.map(place => sent[place]), to.map(place => received[place])));
  return `${from.length} × ${to.length} of ${count} namespaces; a cell opens its classes`;
}

function showMatrix(chosen) {
  if (!grid) return;
  const words = view.level === byNamespace ? showNamespaces(chosen) : showClasses(chosen);
  byId('grid').hidden = grid.model.rows.length === 0;
  byId('grid-note').textContent = grid.model.rows.length === 0 ? 'No pair fits.' : words;
  byId('by-namespace').setAttribute('aria-pressed', view.level === byNamespace);
  byId('by-class').setAttribute('aria-pressed', view.level === byClass);
  const scope = byId('scope');
  scope.replaceChildren();
  if (view.from !== null) {
    const back = make('button', { type: 'button' }, 'all namespaces');
    back.addEventListener('click', () => level(byNamespace));
    scope.append(`from ${data.namespaces[view.from]} to ${data.namespaces[view.to]} `, back);
  }
}
function level(chosen) {
  Object.assign(view, { level: chosen, from: null, to: null });
  show();
}
if (hasMatrix) {
  byId('levels').hidden = data.namespaces.length < 2 && !isDiff;
  byId('by-namespace').addEventListener('click', () => level(byNamespace));
  byId('by-class').addEventListener('click', () => level(byClass));
  byId('ends').append(...classes.map(each => make('option', { value: each.name })));
  byId('pair').addEventListener('submit', event => {
    event.preventDefault();
    openPair(byId('pair-from').value, byId('pair-to').value);
  });
  document.addEventListener('click', event => {
    const pair = event.target.closest('[data-pair]');
    if (pair) openCause(...pair.dataset.pair.split(' ').map(Number));
  });
}

// A link opens the page filtered (#filter=WORDS) or at the cause of a pair (#pair=SENDER|RECEIVER).
function plain(text) { try { return decodeURIComponent(text); } catch { return text; } }
function readAddress() {
  if (location.hash.startsWith('#filter=')) {
    filter.value = plain(location.hash.slice('#filter='.length));
    show();
  } else if (location.hash.startsWith('#pair=')) {
    const ends = location.hash.slice('#pair='.length).split(/\||%7C/i).map(plain);
    if (ends.length === 2) openPair(...ends);
  }
}
