'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const byId = id => document.getElementById(id);

// An element with attributes (null and false: none) and children, texts among them.
function make(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '');
    else if (value !== null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter(child => child !== null));
  return made;
}

// A row of a length: [base, skip, run, value, …]; base is a former row, or -1 for zeros.
function decode(list, length, former) {
  const row = list[0] < 0 ? new Uint32Array(length) : former[list[0]].slice();
  let at = 0;
  for (let place = 1; place < list.length; place += 3) {
    at += list[place];
    row.fill(list[place + 2], at, at + list[place + 1]);
    at += list[place + 1];
  }
  return row;
}

const NOTHING = 0, EVERYTHING = 1, ITSELF = 2, APART = 3;
const classes = data.classes;
const isDiff = data.sides.length > 1;
const rows = [];
for (const list of data.matrix) rows.push(decode(list, classes.length, rows));
rows.shift();
const hasMatrix = rows.length > 0;
const fullName = (each, pod) => data.namespaces[each.space] + '/' + pod;

// What a cell says in words, and how it looks.
const cellWords = data.cells.map(codes => {
  const texts = codes.map(code => data.words[code]);
  return texts.length < 2 || texts[0] === texts[1] ? texts[0] : texts[0] + ' → ' + texts[1];
});
const cellLooks = data.cells.map((codes, cell) => {
  if (isDiff && data.marks[cell] !== 'same') return data.marks[cell];
  const code = codes[codes.length - 1];
  return code === NOTHING ? 'none' : code === EVERYTHING ? 'all' : code <= APART ? 'self' : 'some';
});
const signs = { widened: '+', narrowed: '−', changed: '±' };
