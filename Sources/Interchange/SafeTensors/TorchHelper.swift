/// What a generated program defines because PyTorch has nothing that computes it.
enum TorchHelper: Int, CaseIterable {
  case maxPool, avgPool, prelu, normalization

  /// The definition, in Python.
  var text: String {
    switch self {
    case .maxPool:
      """
      def max_pool2d(x, window, stride, margins):
          \"""The maximum of each window, with other margins than F.max_pool2d has: left, right, top, bottom.

          A window that lies in the margins alone gives 0.
          \"""
          y = F.max_pool2d(F.pad(x, margins, value=float("-inf")), window, stride)
          return y.masked_fill(y == float("-inf"), 0)
      """
    case .avgPool:
      """
      def avg_pool2d(x, window, stride, margins):
          \"""The mean of each window's pixels inside the image; margins are left, right, top, bottom.

          A window that lies in the margins alone gives 0.
          \"""
          inside = F.avg_pool2d(F.pad(torch.ones_like(x[:1, :1]), margins), window, stride)
          return F.avg_pool2d(F.pad(x, margins), window, stride) / inside.clamp(min=1e-9)
      """
    case .prelu:
      """
      class PReLU(nn.Module):
          \"""A PReLU with a slope for each number of a sample.\"""

          def __init__(self, shape):
              super().__init__()
              self.weight = nn.Parameter(torch.zeros(shape))

          def forward(self, x):
              return torch.where(x > 0, x, self.weight * x)
      """
    case .normalization:
      """
      class Normalization(nn.Module):
          \"""Each channel by its mean and variance over the training set.\"""

          def __init__(self, shape):
              super().__init__()
              self.register_buffer("mean", torch.zeros(shape))
              self.register_buffer("variance", torch.ones(shape))
              self.register_buffer("count", torch.tensor(0))

          def forward(self, x):
              return (x - self.mean) / self.variance.sqrt().clamp(min=1e-7)
      """
    }
  }
}
