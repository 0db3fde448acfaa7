# %% the rise alone
# fails: secant
# hint: divide by h
def forward_difference(f, x, h):
    return f(x + h) - f(x)


# %% earlier minus later
# fails: secant
# hint: wrong sign
def forward_difference(f, x, h):
    return (f(x) - f(x + h)) / h


# %% brackets
# fails: secant
# hint: A slope is a quotient
def forward_difference(f, x, h):
    return f(x + h) - f(x) / h


# %% goes back
# fails: secant
# hint: this goes back
def forward_difference(f, x, h):
    return (f(x) - f(x - h)) / h


# %% the run of central differences
# fails: straight_line
# hint: slope 3 everywhere
def forward_difference(f, x, h):
    return (f(x + h) - f(x)) / (2 * h)


# %% divides by x
# fails: straight_line
# hint: whatever x and h are
def forward_difference(f, x, h):
    return (f(x + h) - f(x)) / (x + h)


# %% the size of the run
# fails: either_way
# hint: so is the run
def forward_difference(f, x, h):
    return (f(x + h) - f(x)) / abs(h)
