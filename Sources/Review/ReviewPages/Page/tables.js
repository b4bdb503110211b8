class Table {
  // rows: how many; fits(row, words): whether the filter leaves it; cells(row): texts and elements
  constructor(id, count, fits, cells) {
    Object.assign(this, { count, fits, cells, shown: [], body: byId(id + '-rows'), more: byId(id + '-more') });
    this.step = 100;
    this.more.addEventListener('click', () => {
      const first = this.limit;
      this.limit += 10 * this.step;
      this.fill();
      this.body.rows[first]?.querySelector('button, th')?.focus();
    });
  }

  filter(chosen) {
    this.shown = [];
    for (let row = 0; row < this.count; row++) if (this.fits(row, chosen)) this.shown.push(row);
    this.limit = this.step;
    this.fill();
    return this.shown.length;
  }

  fill() {
    this.body.replaceChildren(...this.shown.slice(0, this.limit).map(row => {
      const [head, ...rest] = this.cells(row);
      return make('tr', {}, make('th', { scope: 'row', tabindex: '-1' }, head), ...rest.map(cell => make('td', {}, cell)));
    }));
    const rest = this.shown.length - Math.min(this.limit, this.shown.length);
    this.more.hidden = rest === 0;
    this.more.textContent = `${rest} more rows: show the next ${Math.min(rest, 10 * this.step)}`;
  }
}

// A table whose rows are found by their own text.
function textTable(id, texts, cells) {
  const lower = texts.map(text => text.toLowerCase());
  return new Table(id, texts.length, (row, chosen) => chosen.words.every(word => lower[row].includes(word)), cells);
}

function someOf(names, most) {
  if (names.length <= most) return names.join(', ');
  const rest = make('details', {}, make('summary', {}, `${names.slice(0, most).join(', ')}, … ${names.length - most} more`));
  rest.addEventListener('toggle', () => {
    if (rest.open && rest.childElementCount === 1) rest.append(make('p', {}, names.slice(most).join(', ')));
  });
  return rest;
}
