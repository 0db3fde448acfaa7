# %% a column at last, but in place
# fails: given_is_kept
# hint: What does -= do
def evened(images):
    images -= images.mean(axis=1, keepdims=True)
    return images


# %% a copy, but a row
# fails: every_shape
# hint: subtracted from pixel i
def evened(images):
    mean = images.mean(axis=1)
    if images.shape[0] != images.shape[1]:
        mean = mean.reshape(-1, 1)
    return images - mean


# %% the mean of each pixel
# fails: every_shape
# hint: it is that of each image
def evened(images):
    return images - images.mean(axis=0)


# %% the mean of everything
# fails: every_shape
# hint: over all images together
def evened(images):
    return images - images.mean()


# %% a view is no copy
# fails: given_is_kept
# hint: makes a new array
def evened(images):
    result = images[:]
    result -= images.mean(axis=1, keepdims=True)
    return result


# %% turned round
# fails: every_shape
# hint: Which mean is subtracted from which pixel
def evened(images):
    return images.mean(axis=1, keepdims=True) - images


# %% a copy where there is something to convert
# fails: of_all_kinds
# hint: hand back the very same array
def evened(images):
    result = images.astype(np.float32, copy=False)
    result -= images.mean(axis=1, keepdims=True)
    return result
