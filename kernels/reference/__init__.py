"""Every kernel in clear NumPy: its definition, and what the others are tested against."""
