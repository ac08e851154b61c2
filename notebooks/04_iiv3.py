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
# # Improved InceptionV3 (IIV3)
#
# InceptionV3 {cite}`szegedy2016`, treated in the same way: no top, the last layers free, GAGM, SEVector and a dense layer on top.
# The document reports it as the best of the three.
#
# **You will learn** why batch normalization makes a frozen network delicate, and how the same head behaves on another backbone.

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
NAME = "iiv3"

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
# - Two backbones with the same head differ by what their frozen layers have seen.
# - An order of networks holds for one data set, one protocol and one start; intervals say how firmly.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **Who gains from leakage.** Set the recall of each class under the two protocols side by side. Which class does the
# published protocol flatter most, and why that one?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
tables.class_reports(trained)["recall"].unstack("protocol")

# %% [markdown]
# **Sure and wrong.** Is the network less sure when it is wrong? Compare its highest probability over right and over
# wrong calls.

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import pandas as pd

from helpers.evaluation import metrics

labels, probabilities = metrics.labels_and_probabilities(trained.test())
sure = pd.DataFrame({"right": probabilities.argmax(axis=1) == labels, "probability": probabilities.max(axis=1)})
sure.groupby("right")["probability"].describe().round(3)
