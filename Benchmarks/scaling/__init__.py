"""What a training step would take on more threads and more machines than there are here.

The times of one thread are measured; everything else follows from how a step is cut (docs/kernels.md,
"Threads") and from a few assumptions, which `step.py` and `exchange.py` name. The results are
predictions.
"""
