"""Folders as Hugging Face's transformers write them, for `load_pretrained`: a file for each model.

A function takes the folder's options and weights, and returns our model and its weights by our
names. `load_pretrained` finds it in its table LOADERS.
"""
