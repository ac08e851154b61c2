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
# # Inside the networks
#
# What they make of the test pictures, and where they look; the same as in the book, of this run.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides of the profile
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from helpers.explorers.attention import attention
from helpers.explorers.latent_space import latent_space
from helpers.inspection.explanations import explained_by_all
from helpers.inspection.pictures import pictures_of
from helpers.inspection.projections import latent_of
from helpers.run import open_run

run = open_run(profile, data, settings, build)
test = run.networks["baseline_cnn"].test()

# %% [markdown]
# ## Latent space

# %%
spaces = {name: latent_of(network, run.cohort, run.profile.seed) for name, network in run.networks.items()}
latent_space(spaces, pictures_of(test, run.cohort), run.profile.seed)

# %% [markdown]
# ## Where they look

# %%
explained = explained_by_all(run.networks, run.cohort, count=24)
attention(explained, malignant=int((test["label"] == "malignant").sum()))
