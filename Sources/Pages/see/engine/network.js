// A network: its nodes in order, each of which reads activations and writes one. Activation 0 is the
// image; node number n writes activation n + 1.

/** The floats of a text in base64, little-endian as every browser's machine has them. */
function floatsOf(text) {
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

class Network {
  /** Takes a model as the page has it: {input, outputs, nodes, weights}. */
  static of(model) {
    const floats = floatsOf(model.weights);
    return new Network(model.input, model.outputs, model.nodes.map(node => ({
      ...node,
      weights: Object.fromEntries(Object.entries(node.weights).map(
        ([name, [first, size]]) => [name, floats.subarray(first, first + size)])),
    })));
  }

  // From the first layer that does not fit on, nothing is computed; `misfit` says why.
  constructor(input, outputs, nodes) {
    Object.assign(this, {input, outputs, nodes, shapes: [input], misfit: null});
    for (const node of nodes) {
      try {
        const inputs = node.inputs.map(i => this.shapes[i]);
        if (inputs.includes(undefined)) break;
        this.shapes.push(layers[node.kind].shape(node, inputs));
      } catch (error) {
        if (!(error instanceof Misfit)) throw error;
        this.misfit = error.message;
        break;
      }
    }
  }

  /** The same network with other settings for some nodes: change(node) gives a node. */
  changed(change) { return new Network(this.input, this.outputs, this.nodes.map(change)); }

  /** Whether every node is computed. */
  get isWhole() { return this.shapes.length === this.nodes.length + 1; }

  /** Runs an image forwards: {activations, records}, a record being what a node keeps. */
  forward(image) {
    const activations = [image], records = [];
    for (let n = 0; n < this.shapes.length - 1; n++) {
      const node = this.nodes[n];
      const record = layers[node.kind].forward(
        node, node.inputs.map(i => activations[i]), node.inputs.map(i => this.shapes[i]));
      records.push(record);
      activations.push(record.y);
    }
    return {activations, records};
  }

  /** The gradients of all activations, from that of the last one. */
  backward({activations, records}, dy) {
    const gradients = activations.map(() => null);
    gradients[activations.length - 1] = dy;
    for (let n = records.length - 1; n >= 0; n--) {
      const node = this.nodes[n];
      if (gradients[n + 1] === null) continue;
      const parts = layers[node.kind].backward(
        node, gradients[n + 1], node.inputs.map(i => activations[i]),
        node.inputs.map(i => this.shapes[i]), records[n]);
      node.inputs.forEach((input, i) => {
        const sum = gradients[input];
        gradients[input] = sum === null ? parts[i] : sum.map((g, j) => g + parts[i][j]);
      });
    }
    return gradients;
  }

  /** What the outputs stand for: probabilities where there are classes. */
  predictions(outputs) {
    if (this.outputs === 'logits') return softmax(outputs);
    if (this.outputs === 'scores') return outputs.map(logistic);
    return outputs;
  }

  /**
   * The gradient of what is asked for by the outputs: of one of them itself, or of the loss if that class
   * were right, where there are classes.
   */
  start(outputs, target, of) {
    const dy = new Float32Array(outputs.length);
    dy[target] = 1;
    if (of === 'score' || this.outputs === 'numbers') return dy;
    const p = this.predictions(outputs);
    switch (this.outputs) {
      case 'probabilities': return dy.map((one, i) => one ? -1 / Math.max(p[i], 1e-7) : 0);
      default: return dy.map((one, i) => p[i] - one);
    }
  }
}
