"""LSTM, GRU and RNN in Numba: a thread does its own sequences, from the first step to the last.

Steps depend on each other, but the sequences of a batch do not. So threads share out the sequences
and never wait for each other: there is one parallel region in the whole of a forward, and one in
a backward. A step of a thread is a product of its few rows with the packed weights, then the gates
in passes over one row, which is in the first-level cache by then. They are several passes with few
arrays each because the compiler makes vector instructions of a loop only if it can check
beforehand that no array of it overlaps another that it writes.

A sequence's results do not depend on the others, so they do not on the number of threads either.
"""

from kernels.cpu.gru import gru, gru_backward
from kernels.cpu.lstm import lstm, lstm_backward
from kernels.cpu.rnn import rnn, rnn_backward

__all__ = ["gru", "gru_backward", "lstm", "lstm_backward", "rnn", "rnn_backward"]
