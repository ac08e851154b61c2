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
# # Improved ConvNeXt-Tiny (ICNT)
#
# ConvNeXt-Tiny {cite}`liu2022` without its top; the last layers of the backbone are free to train, and GAGM, SEVector and a
# dense layer stand on top, as in the document.
#
# **You will learn** how a frozen backbone is trained economically, what its starting weights decide, and where the two modules sit
# in the graph.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown

from helpers.figures import curves, scores, style, tables
from helpers.findings import networks as findings
from helpers.run import open_run

style.use_style()
run = open_run(profile, data, settings, build)
NAME = "icnt"

# %% [markdown]
# ## The network
#
# Every network takes gray levels from 0 to 255 and normalizes them itself, so one set of stored pictures serves all.

# %%
trained = run.network(NAME)
tables.settings(run.profile.network(NAME))

# %%
tables.layers(trained.model)

# %%
Markdown(findings.weights(NAME, run.profile))

# %% [markdown]
# ## Learning curves
#
# One training per protocol, on the same pictures. The dotted line marks the epoch whose weights were kept (figure 10 of the
# document).

# %%
curves.learning_curves(trained.history)

# %% [markdown]
# ## On the test
#
# Scores and intervals are computed from the stored probabilities, one row a picture. Both protocols stand side by side; the
# published value, where there is one, beside them.

# %%
tables.beside_published(trained.scores, "table_1")

# %%
Markdown(findings.against_chance(trained, run.profile))

# %%
scores.confusion_matrices(trained.confusion_matrices)

# %%
tables.class_reports(trained)

# %% [markdown]
# ## What was learnt
#
# - A frozen part is a fixed function of the picture: it is computed once and kept, and no number changes.
# - Where the frozen layers are random, the head can only choose among random features.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **What learns.** Count the parameters of the layers that train and of those that stay frozen. Which share of the
# network does training change at all?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import pandas as pd

layers = pd.DataFrame({"parameters": [layer.count_params() for layer in trained.model.layers]})
layers["state"] = ["trains" if layer.trainable else "frozen" for layer in trained.model.layers]
counted = layers.groupby("state")["parameters"].agg(["size", "sum"]).set_axis(["layers", "parameters"], axis=1)
counted.assign(share=(counted["parameters"] / counted["parameters"].sum()).map("{:.1%}".format))

# %% [markdown]
# **The patient behind an error.** Which test picture did the network find most surprising, that is, which has the
# highest cross-entropy? Does it go as wrong in the other pictures of this patient?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
from helpers.evaluation import metrics

test = trained.test()
test["loss"] = metrics.cross_entropy(*metrics.labels_and_probabilities(test))
surprising = test.loc[test["loss"].idxmax(), "patient_id"]
test[test["patient_id"] == surprising].drop(columns=["protocol", "split"]).round(3)
