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
# # Latent space
#
# What the networks make of a picture before they decide: vectors, layer by layer, of the patient-grouped test.
#
# **You will learn** how a layer is chosen by its principal components, and what a projection can and cannot show about the
# separation of classes.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown

from helpers.explorers.latent_space import latent_space
from helpers.figures import latent, style
from helpers.findings import networks as findings
from helpers.inspection.pictures import pictures_of
from helpers.inspection.projections import latent_of
from helpers.run import open_run

style.use_style()
run = open_run(profile, data, settings, build)
seed, spaces = run.profile.seed, {}

# %% [markdown]
# The document picks, for each network, the layer whose first three principal components hold most of the variance. The rule
# favors layers with few effective dimensions; it does not ask whether classes are apart. We follow it, and keep that in mind.

# %% [markdown]
# ## Baseline CNN
#
# Cumulated variance by layer (figure 11), the chosen layer in bold.

# %%
space = spaces["baseline_cnn"] = latent_of(run.networks["baseline_cnn"], run.cohort, seed)
latent.pca_curves(space.curves, space.layer)

# %%
Markdown(findings.latent_layer(space.layer, space.curves))

# %%
latent.projections_2d(space.pca, space.tsne[2], space.test["label"], "Baseline CNN")

# %%
latent.show_3d(space.pca, space.test, "Baseline CNN, three principal components")

# %% [markdown]
# ## ICNT
#
# Cumulated variance by layer (figure 12), the chosen layer in bold.

# %%
space = spaces["icnt"] = latent_of(run.networks["icnt"], run.cohort, seed)
latent.pca_curves(space.curves, space.layer)

# %%
Markdown(findings.latent_layer(space.layer, space.curves))

# %%
latent.projections_2d(space.pca, space.tsne[2], space.test["label"], "ICNT")

# %%
latent.show_3d(space.pca, space.test, "ICNT, three principal components")

# %% [markdown]
# ## IIV3
#
# Cumulated variance by layer (figure 13), the chosen layer in bold.

# %%
space = spaces["iiv3"] = latent_of(run.networks["iiv3"], run.cohort, seed)
latent.pca_curves(space.curves, space.layer)

# %%
Markdown(findings.latent_layer(space.layer, space.curves))

# %%
latent.projections_2d(space.pca, space.tsne[2], space.test["label"], "IIV3")

# %%
latent.show_3d(space.pca, space.test, "IIV3, three principal components")

# %% [markdown]
# ## Walk through it
#
# The same test pictures, in any network and layer. Rings are errors: look at what lies around one, and whether the picture says
# why. Change the layer, and see which neighbors stay.

# %%
latent_space(spaces, pictures_of(space.test, run.cohort), seed)

# %% [markdown]
# ## What was learnt
#
# - A layer can hold its variance in three components and still mix the classes.
# - t-SNE keeps neighbors and not distances: gaps between its islands, and their sizes, mean nothing.
# - Compactness and separability can be measured instead of looked at; that is a chapter of its own.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **Enough components.** How many components does each layer of the last network need to hold nine tenths of its
# variance? A layer that is missing from your answer needs more than the curves show.

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
enough = space.curves[space.curves["cumulative"] >= 0.9]
enough.groupby("layer")["component"].min().sort_values().to_frame("components")

# %% [markdown]
# **Class or patient.** Find each test picture's nearest neighbor in the chosen layer. How often is it of the same
# class, and how often of the same patient? What would you expect if the layer knew neither?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import pandas as pd
from sklearn.neighbors import NearestNeighbors

nearest = NearestNeighbors(n_neighbors=1).fit(space.values).kneighbors(return_distance=False)[:, 0]
told = space.test[["label", "patient_id"]]
same = told.to_numpy() == told.iloc[nearest].to_numpy()
random = [(told[name].map(told[name].value_counts()) - 1).mean() / (len(told) - 1) for name in told]
pd.DataFrame({"nearest": same.mean(axis=0), "any other": random}, index=["same class", "same patient"]).round(3)
