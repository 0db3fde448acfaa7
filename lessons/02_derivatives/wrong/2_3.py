# %% the real part
# fails: imaginary_part
# hint: .imag
def complex_step(f, x, h=1e-30):
    return f(complex(x, h)).real / h


# %% not divided
# fails: imaginary_part
# hint: divide by h
def complex_step(f, x, h=1e-30):
    return f(complex(x, h)).imag


# %% no i
# fails: imaginary_part
# hint: x + 1j * h
def complex_step(f, x, h=1e-30):
    return np.imag(f(x + h)) / h


# %% a difference after all
# fails: to_the_last_digit
# hint: No f(x) is subtracted
def complex_step(f, x, h=1e-6):
    return (f(x + h) - f(x)) / h


# %% a step that is too long
# fails: to_the_last_digit
# hint: h must be tiny
def complex_step(f, x, h=1e-3):
    return f(complex(x, h)).imag / h


# %% a complex answer
# fails: to_the_last_digit
# hint: take .imag
def complex_step(f, x, h=1e-30):
    return complex(f(complex(x, h)).imag / h, 0.0)


# %% the size of the slope
# fails: slopes_of_all_kinds
# hint: the sign is lost
def complex_step(f, x, h=1e-30):
    return abs(f(complex(x, h)).imag) / h


# %% a step of its own
# fails: slopes_of_all_kinds
# hint: h is not used
def complex_step(f, x, h=1e-30):
    return f(complex(x, 1e-30)).imag / 1e-30
