class Grid {
  constructor(host, label) {
    this.host = host;
    this.field = make('div', { role: 'grid', 'aria-label': label, class: 'field' });
    host.append(this.field);
    this.active = [0, 0];
    host.addEventListener('scroll', () => this.paint(false));
    this.field.addEventListener('keydown', event => this.press(event));
    this.field.addEventListener('click', event => {
      const cell = event.target.closest('[data-row]');
      if (cell) this.choose(Number(cell.dataset.row), Number(cell.dataset.column));
    });
    this.field.addEventListener('focusin', event => {
      const cell = event.target.closest('[data-row]');
      if (cell) this.active = [Number(cell.dataset.row), Number(cell.dataset.column)];
    });
    new ResizeObserver(() => { if (this.model && this.room() !== this.seen) this.layout(); }).observe(host.parentElement);
  }

  // model: rows, columns (texts), cell(row, column) with look, words, brief words, isDim; open(row, column)
  show(model) {
    this.model = model;
    this.active = [Math.min(this.active[0], Math.max(0, model.rows.length - 1)),
      Math.min(this.active[1], Math.max(0, model.columns.length - 1))];
    this.layout();
  }

  // On paper what a sheet of A4 has.
  room() { return this.isPrinted ? 690 : this.host.parentElement.clientWidth - 2; }

  layout() {
    const { rows, columns } = this.model;
    this.seen = this.room();
    const longest = rows.reduce((most, text) => Math.max(most, text.length), 8);
    this.head = Math.round(Math.min(Math.max(longest * 7.6 + 20, 110), Math.max(140, this.seen * 0.34)));
    const share = Math.floor((this.seen - this.head) / Math.max(1, columns.length));
    this.isWide = share >= 92;
    this.width = this.isWide ? Math.min(share, 260) : this.isPrinted ? 20 : 28;
    this.height = this.isWide ? 34 : 28;
    const tallest = columns.reduce((most, text) => Math.max(most, text.length), 8);
    this.top = this.isWide ? 66 : Math.min(Math.max(tallest * 7.2 + 18, 60), 190);
    this.field.className = this.isWide ? 'field wide' : 'field';
    this.field.style.setProperty('--row', this.height + 'px');
    this.field.style.width = this.head + columns.length * this.width + 'px';
    this.field.style.height = this.top + rows.length * this.height + 'px';
    const [broad, high] = [this.head + columns.length * this.width, this.top + rows.length * this.height];
    const most = Math.max(360, innerHeight * 0.74);
    // Beside a scroll bar, the room that it takes; none on paper.
    this.host.style.width = Math.min(this.seen, broad + (high > most ? 18 : 2)) + 'px';
    this.host.style.height = this.isPrinted ? high + 'px' : Math.min(high + (broad > this.seen ? 18 : 2), most) + 'px';
    this.field.setAttribute('aria-rowcount', rows.length + 1);
    this.field.setAttribute('aria-colcount', columns.length + 1);
    this.paint(true);
  }

  range() {
    const { rows, columns } = this.model;
    if (this.isPrinted) return [0, rows.length, 0, columns.length];
    const { scrollTop, scrollLeft, clientHeight, clientWidth } = this.host;
    const clamp = (value, most) => Math.max(0, Math.min(value, most));
    return [
      clamp(Math.floor(scrollTop / this.height) - 2, rows.length),
      clamp(Math.ceil((scrollTop + clientHeight - this.top) / this.height) + 2, rows.length),
      clamp(Math.floor(scrollLeft / this.width) - 2, columns.length),
      clamp(Math.ceil((scrollLeft + clientWidth - this.head) / this.width) + 2, columns.length)];
  }

  paint(isForced) {
    if (!this.model) return;
    const range = this.range();
    if (!isForced && this.painted && range.every((value, place) => value === this.painted[place])) return;
    this.painted = range;
    const { rows, columns, cell } = this.model;
    const hadFocus = this.field.contains(document.activeElement);
    const [top, bottom, left, right] = range;
    const parts = document.createDocumentFragment();
    const head = make('div', { role: 'row', class: 'heads', 'aria-rowindex': 1 },
      make('div', { role: 'columnheader', 'aria-colindex': 1, class: 'corner' }, 'from ↓ to →'));
    head.style.height = this.top + 'px';
    head.firstChild.style.width = this.head + 'px';
    for (let column = left; column < right; column++) {
      const text = make('div', { role: 'columnheader', 'aria-colindex': column + 2, title: columns[column] },
        make('span', {}, columns[column]));
      text.style.left = this.head + column * this.width + 'px';
      text.style.width = this.width + 'px';
      head.append(text);
    }
    parts.append(head);
    for (let row = top; row < bottom; row++) {
      const line = make('div', { role: 'row', class: 'line', 'aria-rowindex': row + 2 },
        make('div', { role: 'rowheader', 'aria-colindex': 1, title: rows[row] }, rows[row]));
      line.style.top = this.top + row * this.height + 'px';
      line.style.height = this.height + 'px';
      line.firstChild.style.width = this.head + 'px';
      for (let column = left; column < right; column++) {
        const { look, words, brief, isDim } = cell(row, column);
        const isActive = row === this.active[0] && column === this.active[1];
        const made = make('div', {
          role: 'gridcell', 'aria-colindex': column + 2, tabindex: isActive ? '0' : '-1', 'data-row': row,
          'data-column': column, class: `cell ${look}${isDim ? ' off' : ''}`,
          'aria-label': `${rows[row]} to ${columns[column]}: ${look in signs ? look + ', ' : ''}${words}`, title: words,
        }, make('span', { 'aria-hidden': 'true' }, look in signs ? signs[look] : ''),
          this.isWide ? make('small', { 'aria-hidden': 'true' }, look === 'none' || look === 'self' ? '' : this.width < 150 ? brief ?? words : words) : null);
        made.style.left = this.head + column * this.width + 'px';
        made.style.width = this.width + 'px';
        line.append(made);
      }
      parts.append(line);
    }
    this.field.replaceChildren(parts);
    if (hadFocus) this.activeCell()?.focus({ preventScroll: true });
    // Where the active cell is scrolled away, the first one that is seen takes the Tab key.
    if (!this.activeCell()) this.field.querySelector('.cell')?.setAttribute('tabindex', '0');
  }

  activeCell() {
    return this.field.querySelector(`[data-row="${this.active[0]}"][data-column="${this.active[1]}"]`);
  }

  go(row, column) {
    const { rows, columns } = this.model;
    this.active = [Math.max(0, Math.min(row, rows.length - 1)), Math.max(0, Math.min(column, columns.length - 1))];
    const host = this.host;
    const [y, x] = [this.active[0] * this.height, this.active[1] * this.width];
    const [high, broad] = [host.clientHeight - this.top - this.height, host.clientWidth - this.head - this.width];
    if (y < host.scrollTop) host.scrollTop = y; else if (y > host.scrollTop + high) host.scrollTop = y - high;
    if (x < host.scrollLeft) host.scrollLeft = x; else if (x > host.scrollLeft + broad) host.scrollLeft = x - broad;
    this.paint(true);
    this.activeCell()?.focus({ preventScroll: true });
  }

  choose(row, column) {
    this.go(row, column);
    this.model.open(row, column);
  }

  press(event) {
    const { rows, columns } = this.model;
    const [row, column] = this.active;
    const page = Math.max(1, Math.floor((this.host.clientHeight - this.top) / this.height) - 1);
    const moves = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      PageUp: [row - page, column], PageDown: [row + page, column],
      Home: [event.ctrlKey ? 0 : row, 0], End: [event.ctrlKey ? rows.length - 1 : row, columns.length - 1],
    };
    if (event.key in moves) this.go(...moves[event.key]);
    else if (event.key === 'Enter' || event.key === ' ') this.choose(row, column);
    else return;
    event.preventDefault();
  }

  // On paper all of it, or nothing where that is no page wide.
  print(isPrinted) {
    if (!this.model) return;
    const fits = this.model.columns.length <= 22 && this.model.rows.length <= 60;
    this.host.classList.toggle('unprinted', !fits);
    this.isPrinted = isPrinted && fits;
    if (fits) this.layout();
  }
}
