# %% as it was found
# fails: one_dot
# hint: only the rows are turned
def convolve(image, kernel):
    return correlate(image, kernel[::-1])


# %% nothing turned
# fails: one_dot
# hint: nothing is turned round
def convolve(image, kernel):
    return correlate(image, kernel)


# %% the columns alone
# fails: one_dot
# hint: only the columns are turned
def convolve(image, kernel):
    return correlate(image, kernel[:, ::-1])


# %% over the diagonal
# fails: one_after_the_other
# hint: Turn both axes
def convolve(image, kernel):
    return correlate(image, kernel.T)


# %% the rows, in the other question
# fails: one_after_the_other
# hint: Turn both axes
def convolve(image, kernel):
    return correlate(image, kernel[::-1])


# %% the image is turned
# fails: one_dot
# hint: Which turn undoes that
def convolve(image, kernel):
    return correlate(image[::-1, ::-1], kernel)


# %% a quarter turn
# fails: one_dot
# hint: Which turn undoes that
def convolve(image, kernel):
    return correlate(image, np.rot90(kernel))
