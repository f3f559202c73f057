"""The numbers of a network that decide how its steps can be cut."""

from dataclasses import dataclass
from math import ceil, prod

# The floats that one thread sums or updates at a time, and the weights of a dense layer whose gradient it
# computes: BatchPass.pieceLength, UpdatePlan.length and DenseLayer.gradientPieces.
PIECE = 1 << 14
DENSE_PIECE = 1 << 13
# The floats of all shards' gradients where there are more than eight: BatchPlan.mostSharded.
MOST_SHARDED = 1 << 25
# The weights of a dense kernel, for each rank, from which ranks divide its update: StepExchange.leastOfLarge.
LEAST_DIVIDED = 1 << 14
LEAST_IN_SHARD = 8
# The images that are gathered before dense layers compute their gradient: BatchPlan.mostInWaves.
MOST_IN_WAVES = 512


@dataclass(frozen=True)
class Network:
    name: str
    trained: int
    """The parameters that every step updates."""
    dense: tuple
    """Inputs and units of each dense layer, whose kernel's gradient waits for the whole batch."""
    norms: tuple
    """The channels of each batch normalization, at which the shards meet."""

    @classmethod
    def of(cls, summary):
        """From what `minicnn summary --json` prints."""
        dense, norms, inputs = [], [], prod(summary["inputShape"])
        for layer in summary["layers"]:
            if layer["kind"] == "dense":
                dense.append((inputs, layer["outputShape"][0]))
            elif layer["kind"] == "batch_norm":
                norms.append(layer["outputShape"][-1])
            inputs = prod(layer["outputShape"])
        return cls(summary["name"], summary["trainedParameters"], tuple(dense), tuple(norms))

    @property
    def gathered(self):
        """The weights and biases of the dense layers."""
        return sum((inputs + 1) * units for inputs, units in self.dense)

    @property
    def sharded(self):
        """The parameters of which every shard has a gradient of its own."""
        return self.trained - self.gathered

    def shards(self, setting, batch):
        """Into how many shards a batch falls."""
        return min(self.most(setting), max(1, batch // LEAST_IN_SHARD))

    def waves(self, setting, batch):
        """In how many parts a batch is gathered; in one where shards meet."""
        if self.norms:
            return 1
        longest = ceil(batch / self.shards(setting, batch))
        return ceil(longest / max(MOST_IN_WAVES // self.most(setting), LEAST_IN_SHARD))

    def most(self, setting):
        """The shards of a large batch."""
        return min(setting, max(8, MOST_SHARDED // max(self.sharded, 1)))

    def divided(self, ranks):
        """The weights of each dense kernel of which every rank updates a part."""
        kernels = [inputs * units for inputs, units in self.dense]
        return [count for count in kernels if ranks > 1 and count >= LEAST_DIVIDED * ranks]

    # How many threads find work at once, by the size of what each takes.

    @property
    def sum_width(self):
        return max(1, self.sharded / PIECE)

    @property
    def dense_width(self):
        return max(1, sum(inputs * units for inputs, units in self.dense) / DENSE_PIECE)

    @property
    def update_width(self):
        return max(1, self.trained / PIECE)

    @property
    def meetings(self):
        """How often all threads of a step wait for each other: weights prepared, shards, lists of what is not
        0, sums, update; where shards meet, once for each stage there and back."""
        return 4 + 2 * (len(self.norms) + 1) if self.norms else 5
