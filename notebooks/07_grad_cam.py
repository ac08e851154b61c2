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
# # Where the networks look
#
# Grad-CAM {cite}`selvaraju2016` of malignant pictures of the patient-grouped test: confident hits, and critical errors, malignant
# called normal or benign (figures 14 to 16).
#
# **You will learn** to read a map for the class that was called and for the class that was true, and why a map on a lesion is not
# yet an explanation.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown

from helpers.evaluation import cases
from helpers.explorers.attention import attention
from helpers.figures import style
from helpers.figures.attention import attention_panels
from helpers.findings import networks as findings
from helpers.inspection.explanations import attention_maps, explained_by_all
from helpers.run import open_run

style.use_style()
run = open_run(profile, data, settings, build)

# %%
Markdown(findings.attention_layers(attention_maps(run.networks)))

# %%
explained = explained_by_all(run.networks, run.cohort, count=24)

# %% [markdown]
# ## Baseline CNN
#
# Confident hits: malignant, and called so with the highest probability (figure 14).

# %%
network = run.networks["baseline_cnn"]
hits = cases.confident_hits(network.test(), 3)
attention_panels(cases.among(explained["baseline_cnn"], hits))

# %% [markdown]
# Critical errors: malignant, called normal or benign, the most confident first.

# %%
errors = cases.critical_errors(network.test(), 3)
Markdown(findings.critical_errors(network.test(), errors))

# %%
attention_panels(cases.among(explained["baseline_cnn"], errors))

# %% [markdown]
# ## ICNT
#
# Confident hits: malignant, and called so with the highest probability (figure 15).

# %%
network = run.networks["icnt"]
hits = cases.confident_hits(network.test(), 3)
attention_panels(cases.among(explained["icnt"], hits))

# %% [markdown]
# Critical errors: malignant, called normal or benign, the most confident first.

# %%
errors = cases.critical_errors(network.test(), 3)
Markdown(findings.critical_errors(network.test(), errors))

# %%
attention_panels(cases.among(explained["icnt"], errors))

# %% [markdown]
# ## IIV3
#
# Confident hits: malignant, and called so with the highest probability (figure 16).

# %%
network = run.networks["iiv3"]
hits = cases.confident_hits(network.test(), 3)
attention_panels(cases.among(explained["iiv3"], hits))

# %% [markdown]
# Critical errors: malignant, called normal or benign, the most confident first.

# %%
errors = cases.critical_errors(network.test(), 3)
Markdown(findings.critical_errors(network.test(), errors))

# %%
attention_panels(cases.among(explained["iiv3"], errors))

# %% [markdown]
# ## Look for yourself
#
# The same pictures for every network: change the network, and see whether it looks at the same place; change the class, and see
# what would have spoken for it. Every map is scaled by its own strongest cell, so its colors say where and not how much.

# %%
attention(explained, malignant=int((network.test()["label"] == "malignant").sum()))

# %% [markdown]
# ## What was learnt
#
# - A map belongs to a class: the same picture gives different maps for the class that was called and for the one that was true.
# - An empty map is an answer too. It says that no cell of this layer spoke for that class.
# - Where the frame is cut around the lesion, a map in the middle proves little. Whether maps find lesions better than chance is
#   a question for a measurement, not for three pictures.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **The patient behind an error.** Take the most confident critical error of the last network, or its most confident hit
# where it has none. What did the network say of the other pictures of this patient?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
first = (errors if len(errors) else hits).head(1)
test = network.test()
test[test["patient_id"].isin(first["patient_id"])].drop(columns=["protocol", "split"]).round(3)

# %% [markdown]
# **A map that knows nothing.** Look where the maps of the last network's hits are strongest: inside the lesion's
# circle? Then say how often a point thrown at random would fall into it.

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import numpy as np
import pandas as pd

rows = []
for case in cases.among(explained["iiv3"], hits):
    peak = np.unravel_index(case.called_map.argmax(), case.called_map.shape)
    y, x = (np.array(peak) + 0.5) * case.picture.shape / case.called_map.shape
    inside = np.hypot(x - case.circle[0], y - case.circle[1]) <= case.circle[2]
    rows.append([case.image_id, inside, np.pi * case.circle[2] ** 2 / case.picture.size])
pd.DataFrame(rows, columns=["image", "strongest point inside", "share of the picture"]).round(3)
