# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Your own picture
#
# Three networks look at a mammogram that you give. They learnt from the pictures of this run and from nothing else, so what they
# say is about such pictures: read the warning, where there is one, before the numbers.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides of the profile
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from helpers.explorers.own_picture import own_picture
from helpers.run import open_run

own_picture(open_run(profile, data, settings, build))
