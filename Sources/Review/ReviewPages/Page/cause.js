const firstSeat = [];
let seatCount = 0;
for (const each of classes) { firstSeat.push(seatCount); seatCount += each.addresses.length; }
const seatSets = data.sides.map(side => side.sets.map(() => null));
function seatSet(side, set) {
  return seatSets[side][set] ??= decode(data.sides[side].sets[set], seatCount, []);
}
const familyOf = address => address.includes(':') ? 'IPv6' : 'IPv4';

// The reasons of one direction of a class for a peer's address: its policies in the order in which they are asked, and
// their rules that match with the traffic of each towards the receiver. The state is 'unasked', 'open', 'allowed' or
// 'denied', and 'ordered' where rules of several tiers or with several actions decide about parts of the traffic: then
// only the cell, which the page has from the specification, says what is allowed in all.
function directionCause(side, subject, direction, peerSeat, receiver) {
  const isolating = classes[subject][direction][side];
  if (isolating === null) return { direction, state: 'unasked', policies: [] };
  const policies = isolating.map(place => {
    const policy = data.sides[side].policies[place];
    const rules = policy[direction] ?? [];
    const matching = [];
    for (const rule of rules) {
      const passes = typeof rule.passes === 'number' ? rule.passes
        : decode(rule.passes, classes.length, [])[receiver];
      if (passes === NOTHING) continue;
      const peers = (rule.peers ?? []).filter(peer => seatSet(side, peer[1])[peerSeat] === 1);
      if (!rule.peers || peers.length > 0) matching.push({ at: rule.at, action: rule.action, passes, peers });
    }
    return { name: policy.name, at: policy.at, tier: policy.tier, rules: matching, others: matching.length > 0 ? [] : rules };
  });
  const isOrdered = isolating.some(place => {
    const policy = data.sides[side].policies[place];
    return policy.goesOn || policy.tier !== policies[0].tier || (policy[direction] ?? []).some(rule => rule.action);
  });
  const state = policies.length === 0 ? 'open' : isOrdered ? 'ordered'
    : policies.some(policy => policy.rules.length > 0) ? 'allowed' : 'denied';
  return { direction, state, policies };
}

// The causes on one side for each pair of addresses of the two classes; families that agree are one.
function causesOf(side, sender, receiver) {
  const [from, to] = [classes[sender], classes[receiver]];
  const found = [];
  from.addresses.forEach((source, i) => to.addresses.forEach((destination, j) => {
    if (familyOf(source) !== familyOf(destination)) return;
    const egress = directionCause(side, sender, 'egress', firstSeat[receiver] + j, receiver);
    const ingress = directionCause(side, receiver, 'ingress', firstSeat[sender] + i, receiver);
    const family = familyOf(source);
    const twin = found.find(one => JSON.stringify([one.egress, one.ingress]) === JSON.stringify([egress, ingress]));
    if (twin) {
      if (!twin.families.includes(family)) twin.families.push(family);
    }
    else found.push({ families: [family], egress, ingress });
  }));
  return found;
}

function placeOf(number) {
  const [file, line, column, field, text] = data.places[number];
  const words = `${data.files[file]}:${line}:${column}`;
  return [
    field ? make('span', { class: 'field' }, field + ' ') : null, make('code', {}, words),
    text === undefined ? null : make('pre', {}, ...text.trimEnd().split('\n').flatMap((one, place) =>
      [make('span', { class: 'dim' }, `${place ? '\n' : ''}${line + place} │ `), one])),
  ].filter(Boolean);
}

function directionPart(cause, who) {
  const subject = `${cause.direction === 'egress' ? 'Egress' : 'Ingress'} of ${who}`;
  const heads = {
    unasked: 'not asked: its policies are another node’s', open: 'open, no policy isolates it',
    allowed: 'isolated, and rules let pass', denied: 'isolated, and no rule matches',
    ordered: 'selected; of a tier the first rule that matches decides',
  };
  const list = make('ul', {});
  for (const policy of cause.policies) {
    const item = make('li', {}, make('strong', {}, policy.name),
      policy.tier ? ` of tier ${policy.tier} ` : ' isolates ', ...placeOf(policy.at));
    const rules = make('ul', {});
    for (const rule of policy.rules) {
      const words = (cause.state === 'ordered' ? `${rule.action ?? 'accept'} ` : '') + data.words[rule.passes];
      const at = rule.peers.length > 0 ? rule.peers : [[rule.at, null, 'every peer']];
      for (const [place, , asks] of at) {
        rules.append(make('li', { class: rule.action === 'deny' ? 'no' : 'yes' }, make('b', {}, words), ` — ${asks} `, ...placeOf(place)));
      }
    }
    if (policy.rules.length === 0 && policy.others.length === 0) rules.append(make('li', { class: 'no' }, 'it has no rule'));
    for (const rule of policy.others.slice(0, 6)) {
      const asks = [rule.peers ? rule.peers.map(peer => peer[2]).join(', or ') : 'every peer', rule.ports].filter(Boolean).join('; ');
      rules.append(make('li', { class: 'no' }, `${asks} `, ...placeOf(rule.at)));
    }
    if (policy.others.length > 6) rules.append(make('li', { class: 'no' }, `${policy.others.length - 6} more rules, none of which matches`));
    item.append(rules);
    list.append(item);
  }
  return make('div', { class: 'direction ' + cause.state },
    make('h4', {}, subject + ': ', make('em', {}, heads[cause.state])), list);
}

function sidePart(side, sender, receiver, names) {
  const code = data.cells[rows[sender][receiver]][side];
  const title = isDiff ? ['Before', 'After'][side] + ': ' : '';
  const part = make('section', {}, make('h3', {}, title, make('strong', {}, data.words[code])));
  if (code === ITSELF) part.append(make('p', {}, 'The class has one pod, and a pod always reaches itself.'));
  if (code === APART) part.append(make('p', {}, 'One has IPv4 addresses only, the other IPv6 addresses only.'));
  if (code === ITSELF || code === APART) return part;
  const found = causesOf(side, sender, receiver);
  for (const one of found) {
    if (found.length > 1) part.append(make('p', { class: 'family' }, one.families.join(', ')));
    part.append(directionPart(one.egress, names[0]), directionPart(one.ingress, names[1]));
  }
  return part;
}

let opener = null;
function openCause(sender, receiver) {
  const [from, to] = [classes[sender], classes[receiver]];
  const pods = [from.pods[0], sender === receiver ? to.pods[1] ?? to.pods[0] : to.pods[0]];
  const names = [fullName(from, pods[0]), fullName(to, pods[1])];
  const body = byId('cause-body');
  const parts = data.sides.map((_, side) => sidePart(side, sender, receiver, names));
  body.replaceChildren(
    make('h2', { id: 'cause-title', tabindex: '-1' }, from.name + ' → ' + to.name),
    names[0] === from.name && names[1] === to.name ? ''
      : make('p', { class: 'dim' }, `Asked for ${names[0]} → ${names[1]}; every other pair of these classes is alike.`),
    make('div', { class: isDiff ? 'sides' : '' }, ...parts));
  if (byId('cause').hidden) opener = document.activeElement;
  byId('cause').hidden = false;
  byId('cause-title').focus();
  try {
    const pair = [names[0], names[1]].map(encodeURIComponent).join('|');
    history.replaceState(null, '', '#pair=' + pair);
  } catch { /* a page that may not change its address still shows the cause */ }
}
function closeCause() {
  byId('cause').hidden = true;
  if (opener && opener.isConnected) opener.focus(); else byId('filter')?.focus();
  opener = null;
}
byId('cause-close').addEventListener('click', closeCause);
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && !byId('cause').hidden) { event.preventDefault(); closeCause(); }
});

// The class of a name: its own, or that of one of its pods.
let classOfName = null;
function classNamed(name) {
  if (!classOfName) {
    classOfName = new Map();
    classes.forEach((each, index) => each.pods.forEach(pod => classOfName.set(fullName(each, pod), index)));
    classes.forEach((each, index) => classOfName.set(each.name, index));
  }
  return classOfName.get(name.trim());
}
function openPair(from, to) {
  const [sender, receiver] = [classNamed(from), classNamed(to)];
  const missing = sender === undefined ? from : receiver === undefined ? to : null;
  byId('pair-note').textContent = missing === null ? '' : `no pod or class “${missing}” here`;
  if (missing === null && hasMatrix) openCause(sender, receiver);
}
