import MiniCNN
