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
from helpers import published
from helpers.explorers.blind_test import blind_test
from helpers.explorers.compare import compare
from helpers.explorers.imaging import imaging
from helpers.explorers.threshold import threshold
from helpers.inspection.ways import ways
from helpers.run import open_run

run = open_run(profile, data, settings, build)

# %% [markdown]
# ## From film to frame

# %%
imaging(ways(run.profile, run.data, run.cohort))

# %% [markdown]
# ## Networks compared

# %%
compare(run.scores, published.table_1().join(published.table_2()))

# %% [markdown]
# ## What a threshold costs

# %%
threshold(run.predictions)

# %% [markdown]
# ## The blind test

# %%
blind_test(run)
