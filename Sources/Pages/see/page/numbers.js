// What the network says, what a change has moved, and how the gradient fares on its way back.

const predictions = document.getElementById('predictions');
const changes = document.getElementById('changes');
const depth = document.getElementById('depth');
const verdict = document.getElementById('verdict');

function drawPredictions(result) {
  const {predictions: p} = result;
  verdict.replaceChildren();
  if (!p) {
    predictions.replaceChildren();
    verdict.append(make('p', 'warning', `No prediction: ${result.network.misfit}.`));
    return;
  }
  const isRight = state.label === null || state.label === result.best;
  verdict.append(make('p', isRight ? 'answer' : 'answer wrong', nameOf(result.best)), make('p', 'sure',
    (isProbable ? percent(p[result.best]) : shown(p[result.best])) +
    (isRight ? '' : `, the label says ${nameOf(state.label)}`)));
  const most = isProbable ? 1 : limitOf(p);
  predictions.replaceChildren(...listed(p, result.target).map(i => {
    const value = p[i], bar = make('span', 'bar');
    bar.style.setProperty('--share', Math.abs(value) / most);
    const row = make('button', i === result.target ? 'row target' : 'row', make('span', 'name', nameOf(i)), bar,
      make('span', 'number', isProbable ? percent(value) : shown(value)));
    row.type = 'button';
    row.title = `show the gradient of ${nameOf(i)}`;
    row.addEventListener('click', () => {
      state.target = state.target === i ? null : i;
      update();
    });
    return row;
  }));
}

/** The outputs that are listed: all where they are few, otherwise the largest and the one that is chosen. */
function listed(p, target) {
  const all = [...p.keys()];
  if (all.length <= 30) return all;
  const largest = all.sort((a, b) => p[b] - p[a]).slice(0, 15);
  return largest.includes(target) ? largest : [...largest, target];
}

/** How far numbers differ: the share of them that moved by over a hundredth of the largest. */
function moved(a, b) {
  const least = limitOf(b) / 100;
  return a.reduce((sum, value, i) => sum + (Math.abs(value - b[i]) > least), 0);
}

function drawChanges(result) {
  const isChanged = result.network !== trained || state.shift.some(Boolean);
  changes.hidden = !isChanged;
  if (!isChanged) return;
  const rows = [];
  result.network.nodes.forEach((node, n) => {
    const a = result.activations[n + 1], b = before.activations[n + 1];
    if (quiet.includes(node.kind) || !a) return;
    if (a.length !== b.length) return rows.push([node.name, `${b.length} became ${a.length}`, '']);
    const {argmax} = result.records[n], old = before.records[n].argmax;
    let wins = '';
    if (argmax && old) {
      const other = argmax.reduce((sum, place, i) => sum + (place !== old[i]), 0);
      wins = `${grouped(other)} of ${grouped(argmax.length)}`;
    }
    rows.push([node.name, `${percent(moved(a, b) / a.length)}`, wins]);
  });
  const table = changes.querySelector('tbody');
  table.replaceChildren(...rows.map(cells => make('tr', '', ...cells.map(text => make('td', '', text)))));
  const answer = changes.querySelector('.moved');
  if (!result.predictions) answer.textContent = '';
  else if (result.best !== before.best) {
    answer.textContent = `The answer was ${nameOf(before.best)} and is ${nameOf(result.best)}.`;
  } else {
    const now = result.predictions[result.best], then = before.predictions[result.best];
    answer.textContent = `The answer is still ${nameOf(result.best)}: `
      + (isProbable ? `${percent(then)} became ${percent(now)}.` : `${shown(then)} became ${shown(now)}.`);
  }
}

/** The root of the mean square. */
const strength = values => Math.sqrt(values.reduce((sum, g) => sum + g * g, 0) / values.length);

function drawDepth(result) {
  if (state.isDrawing && !result.gradients) return;
  depth.hidden = !result.gradients;
  if (!result.gradients) return;
  const strengths = [];
  result.network.nodes.forEach((node, n) => {
    if (!quiet.includes(node.kind)) strengths.push([node.name, strength(result.gradients[n + 1])]);
  });
  strengths.unshift(['the picture', strength(result.gradients[0])]);
  const known = strengths.map(([, s]) => s).filter(s => s > 0).map(Math.log10);
  const high = Math.max(...known), low = Math.min(...known, high - 2);
  depth.querySelector('ul').replaceChildren(...strengths.reverse().map(([name, s]) => {
    const bar = make('span', 'bar');
    bar.style.setProperty('--share', s > 0 ? 0.04 + 0.96 * (Math.log10(s) - low) / (high - low) : 0);
    return make('li', '', make('span', 'name', name), bar, make('span', 'number', shown(s)));
  }));
}

// The bank: other pictures of the data, on which a change can be counted.

const bank = data.bank && (() => {
  const all = pixelsOf(data.bank.pixels), size = height * width * channels;
  return data.bank.labels.map((label, i) => ({label, pixels: all.subarray(i * size, (i + 1) * size)}));
})();
let bankAnswers = null, bankRound = 0;

const answerOf = (network, picture) => {
  const {activations} = network.forward(picture);
  return largest(activations[activations.length - 1]);
};

/** Counts, in small pieces between two redraws, the answers on the bank that the change moves. */
function countOnBank() {
  const note = changes.querySelector('.bank'), round = ++bankRound;
  note.textContent = '';
  const {network, shift} = state;
  if (!bank || !network.isWhole || (network === trained && !shift.some(Boolean))) return;
  const answers = [], known = bankAnswers ?? [];
  const next = () => {
    if (round !== bankRound) return;
    const end = performance.now() + 12;
    while (answers.length < bank.length && performance.now() < end) {
      const i = answers.length;
      if (!bankAnswers) known.push(answerOf(trained, bank[i].pixels));
      answers.push(answerOf(network, shifted(bank[i].pixels, shift)));
    }
    if (answers.length < bank.length) return void setTimeout(next);
    bankAnswers = known;
    const right = list => list.reduce((sum, answer, i) => sum + (answer === bank[i].label), 0);
    const other = answers.reduce((sum, answer, i) => sum + (answer !== known[i]), 0);
    note.textContent = `Of ${bank.length} test pictures changed the same way ${other} get another answer: `
      + `${right(known)} were right, ${right(answers)} are.`;
  };
  setTimeout(next);
}
