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
# # The explorers
#
# The same as in the book, of this run.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides of the profile
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from helpers.explorers.threshold import threshold
from helpers.run import open_run

run = open_run(profile, data, settings, build)

# %% [markdown]
# ## What a threshold costs

# %%
threshold(run.predictions)
