"""Runs MiniCNN and its peers in turn and compares what they print.

It uses the standard library only and stays small: a child's peak memory, as the system reports it,
is never below what its parent held when it started the child.
"""
