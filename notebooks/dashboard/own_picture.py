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
# Three networks look at a mammogram that you give: what they say, where they look, and whether they know pictures of its kind.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides of the profile
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown

from helpers.explorers.own_picture import own_picture
from helpers.findings import data as findings
from helpers.run import open_run

run = open_run(profile, data, settings, build)
Markdown(findings.of_an_own_picture(run.profile, run.cohort))

# %%
own_picture(run)
