@_exported import Checkpoints
@_exported import DataSets
@_exported import Distribution
@_exported import struct Files.FileError
@_exported import ImageData
@_exported import Interchange
@_exported import Lab
@_exported import ModelFiles
@_exported import NeuralNetwork
@_exported import Pictures
@_exported import Reports
@_exported import Runs
@_exported import Training
