"""The graph that a computation leaves, as a picture."""
