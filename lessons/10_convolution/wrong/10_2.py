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


# %% the ends change places
# fails: longer_kernels
# hint: only the outer rows and columns
def convolve(image, kernel):
    turned = kernel.copy()
    turned[[0, -1]] = turned[[-1, 0]]
    turned[:, [0, -1]] = turned[:, [-1, 0]]
    return correlate(image, turned)


# %% for the kernels of the questions
# fails: longer_kernels
# hint: not turned at all
def convolve(image, kernel):
    order = {1: [0], 2: [1, 0], 3: [2, 1, 0]}
    rows, columns = (order.get(n, list(range(n))) for n in kernel.shape)
    return correlate(image, kernel[rows][:, columns])
