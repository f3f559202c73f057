// What the number that the reader points at is made of.

const inspector = document.getElementById('inspector-content');

document.getElementById('close').addEventListener('click', () => {
  state.selected = null;
  mark(now);
});

function explain(result, selected) {
  document.getElementById('inspector').classList.toggle('open', selected !== null);
  if (!selected) {
    inspector.replaceChildren(make('p', 'hint', inspector.dataset.hint));
    return;
  }
  const {activation, index} = selected, {network} = result;
  const shape = network.shapes[activation], [row, column, tile] = cellOf(shape, index);
  const node = activation > 0 ? network.nodes[activation - 1] : null;
  const place = shape.length === 3
    ? `map ${tile}, row ${row}, column ${column}` : `number ${tile}`;
  const parts = [
    make('h3', '', node ? node.name : 'the picture'),
    make('p', 'place', place),
    valueLine(result, activation, index),
  ];
  if (node) parts.push(...explanation(result, node, activation, index));
  inspector.replaceChildren(...parts);
}

function valueLine(result, activation, index) {
  const line = make('p', 'value', `value ${shown(result.activations[activation][index])}`);
  if (result.gradients && state.arrived !== null && activation >= state.arrived) {
    line.append(make('span', 'slope', `gradient ${shown(result.gradients[activation][index])}`));
  }
  return line;
}

function explanation(result, node, activation, index) {
  switch (node.kind) {
    case 'max_pool2d': case 'avg_pool2d': return explainPooling(result, node, activation, index);
    case 'conv2d': return explainConvolution(result, node, activation, index);
    case 'dense': return explainDense(result, node, activation, index);
    case 'relu': return explainReLU(result, node, activation, index);
    case 'batch_norm': return explainBatchNorm(result, node, index);
    case 'add': return explainSum(result, node, index);
    default: return explainOther(result, node, index);
  }
}

/** A window of an input, as rows of numbers; null where it leaves the image. */
function windowNumbers(values, node, shape, index, tiles, channel) {
  const w = windowsOver(node, shape), places = w.places[Math.floor(index / tiles)];
  const numbers = new Array(w.kernel[0] * w.kernel[1]).fill(null);
  for (let n = 0; n < places.length; n += 2) {
    numbers[places[n + 1]] = values[places[n] * w.channels + channel];
  }
  return {numbers, columns: w.kernel[1]};
}

/** A table of numbers in the colours of the maps. */
function numberGrid(caption, {numbers, columns}, palette, {limit, winner, ties = []} = {}) {
  const table = make('table', 'numbers'), most = limit ?? limitOf(numbers.map(n => n ?? 0));
  table.append(make('caption', '', caption));
  for (let start = 0; start < numbers.length; start += columns) {
    const line = make('tr');
    for (let i = start; i < start + columns; i++) {
      const number = numbers[i], cell = make('td', '', number === null ? '·' : shown(number));
      if (number !== null) {
        const color = palette[255 + Math.max(-255, Math.min(255, Math.round(number / most * 255)))];
        const [r, g, b] = [color & 255, color >> 8 & 255, color >> 16 & 255];
        cell.style.background = `rgb(${r}, ${g}, ${b})`;
        cell.style.color = readable(r, g, b);
      }
      if (i === winner) cell.classList.add('winner');
      else if (ties.includes(i)) cell.classList.add('tie');
      line.append(cell);
    }
    table.append(line);
  }
  return table;
}

/** Black or white, whichever stands out more. */
function readable(...color) {
  const [r, g, b] = color.map(part => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000' : '#fff';
}

function explainPooling(result, node, activation, index) {
  const {network, activations, gradients, records} = result, [input] = node.inputs;
  const shape = network.shapes[input], tiles = shape[2], channel = index % tiles;
  const seen = windowNumbers(activations[input], node, shape, index, tiles, channel);
  const isMax = node.kind === 'max_pool2d';
  const winner = isMax ? records[activation - 1].argmax[index] : undefined;
  const best = activations[activation][index];
  const ties = isMax ? [...seen.numbers.keys()].filter(i => i !== winner && seen.numbers[i] === best) : [];
  const parts = [numberGrid('the window it came from', seen, palettes.activation, {winner, ties})];
  const inside = seen.numbers.filter(n => n !== null).length;
  if (isMax) {
    parts.push(make('p', '', ties.length === 0 ? 'The largest wins; the others do not matter.'
      : `${ties.length + 1} numbers are equal: the first one wins.`));
  } else {
    parts.push(make('p', '', `The mean of ${inside} numbers.`));
  }
  if (gradients && state.arrived !== null && activation >= state.arrived) {
    const dy = gradients[activation][index];
    const sent = {columns: seen.columns, numbers: seen.numbers.map((n, i) =>
      n === null ? null : isMax ? (i === winner ? dy : 0) : dy / inside)};
    parts.push(numberGrid('the gradient it sends back', sent, palettes.gradient, {winner}));
    const w = windowsOver(node, shape);
    if (w.stride[0] < w.kernel[0] || w.stride[1] < w.kernel[1]) {
      const all = windowNumbers(gradients[input], node, shape, index, tiles, channel);
      parts.push(numberGrid('with what overlapping windows send', all, palettes.gradient, {winner}));
    }
  }
  return parts;
}

function explainConvolution(result, node, activation, index) {
  const {network, activations} = result, [input] = node.inputs;
  const shape = network.shapes[input], filters = node.filters, filter = index % filters;
  const {kernel, bias} = node.weights, inputs = shape[2] / (node.groups ?? 1);
  const first = Math.floor(filter / (filters / (node.groups ?? 1))) * inputs;
  const all = [];
  for (let i = 0; i < inputs; i++) {
    const seen = windowNumbers(activations[input], node, shape, index, filters, first + i);
    const taps = seen.numbers.map((_, tap) => kernel[(tap * inputs + i) * filters + filter]);
    const sum = seen.numbers.reduce((sum, x, tap) => sum + (x ?? 0) * taps[tap], 0);
    all.push({channel: first + i, seen, taps, sum});
  }
  all.sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum));
  const [most] = all, from = sourceName(input);
  const where = inputs === 1 ? from : `map ${most.channel} of ${from}`;
  return [
    numberGrid(`the window in ${where}`, most.seen, palettes.activation),
    numberGrid('times the kernel', {numbers: most.taps, columns: most.seen.columns},
      palettes.activation),
    shareList(inputs === 1 ? 'makes' : `what ${Math.min(5, inputs)} of ${inputs} maps add`, [
      ...all.slice(0, 5).map(part => [`map ${part.channel}`, part.sum]),
      ...inputs > 5 ? [['the others', all.slice(5).reduce((sum, part) => sum + part.sum, 0)]] : [],
      ...bias ? [['bias', bias[filter]]] : [],
    ]),
  ];
}

/** Names with numbers, each with a bar to the left or right. */
function shareList(caption, shares) {
  const list = make('ul', 'shares'), most = limitOf(shares.map(([, value]) => value));
  for (const [name, value] of shares) {
    const bar = make('span', value < 0 ? 'bar negative' : 'bar');
    bar.style.setProperty('--share', Math.abs(value) / most);
    list.append(make('li', '', make('span', 'name', name), bar, make('span', 'number', shown(value))));
  }
  return make('div', '', make('p', 'caption', caption), list);
}

function explainDense(result, node, activation, index) {
  const x = result.activations[node.inputs[0]], {kernel, bias} = node.weights;
  const shares = Array.from(x, (value, i) => [i, value * kernel[i * node.units + index]]);
  shares.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const others = shares.slice(8).reduce((sum, [, share]) => sum + share, 0);
  return [shareList(`the largest of ${grouped(x.length)} terms`, [
    ...shares.slice(0, 8).map(([i, share]) => [`input ${i}`, share]),
    ...shares.length > 8 ? [['the others', others]] : [], ...bias ? [['bias', bias[index]]] : [],
  ])];
}

function explainReLU(result, node, activation, index) {
  const x = result.activations[node.inputs[0]][index], isOpen = x > 0;
  const parts = [
    make('p', 'gate', `max(0, ${shown(x)}) = ${shown(Math.max(0, x))}`),
    make('p', '', isOpen ? 'Open: the number passes as it is, and so does its gradient.'
      : 'Shut: the number becomes 0, and so does its gradient.'),
  ];
  if (result.gradients && state.arrived !== null && activation >= state.arrived) {
    const dy = result.gradients[activation][index];
    parts.push(make('p', 'gate gradient', `gradient ${shown(dy)} → ${shown(isOpen ? dy : 0)}`));
  }
  return parts;
}

function explainBatchNorm(result, node, index) {
  const x = result.activations[node.inputs[0]][index];
  const {gamma, beta, moving_mean: mean, moving_variance: variance} = node.weights;
  const c = index % mean.length;
  return [make('p', '', `(${shown(x)} − mean ${shown(mean[c])}) / √(${shown(variance[c])} + ε)`
    + (gamma ? ` · ${shown(gamma[c])}` : '') + (beta ? ` + ${shown(beta[c])}` : ''))];
}

function explainSum(result, node, index) {
  return [shareList('the sum of', node.inputs.map(
    input => [sourceName(input), result.activations[input][index]]))];
}

/** What follows from one number alone. */
function explainOther(result, node, index) {
  const isAlone = isActivation(node) || ['rescaling', 'normalization'].includes(node.kind);
  return isAlone ? [make('p', '', `from ${shown(result.activations[node.inputs[0]][index])}`)] : [];
}
