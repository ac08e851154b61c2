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
# # The blind test
#
# The document keeps pictures out of training and test, and shows them in a dashboard: look, decide, then see what the networks said.
# Here they are, and the dashboard needs no server.
#
# **You will learn** what two readers agree on by chance alone, how your own calls compare with those of three networks on the same
# pictures, and why a set that nobody split is a judge of a split.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown

from helpers.evaluation.agreement import blind_scores
from helpers.explorers.blind_test import blind_test
from helpers.figures import scores, style, tables
from helpers.findings import blind as findings
from helpers.run import open_run

style.use_style()
run = open_run(profile, data, settings, build)
blind = blind_scores(run.predictions, run.profile.bootstrap_draws, seed=run.profile.seed)

# %%
Markdown(findings.set_apart(run.cohort.exams, run.profile.protocols))

# %% [markdown]
# ## Agreement beyond chance
#
# Two readers who toss coins agree now and then. Cohen's kappa {cite}`cohen1960` takes that away: with $p_o$ the share of pictures
# on which they agree, and $p_e$ the share on which they would agree if each called the classes as often as before but without looking,
#
# $$ \kappa = \frac{p_o - p_e}{1 - p_e} . $$
#
# It is one where they always agree, zero where they agree as chance would, and below that where they agree less. The truth can be one
# of the two readers. A network that calls every picture by its most frequent class may have a fair accuracy; its kappa is zero.
#
# ## Read them yourself
#
# The results stand below the pictures, so read first. Each picture comes as the networks saw it, without any outline. You may stop
# early; all scores are then those of the pictures that you read, the networks' too.
#
# Truth and predictions lie in this page, which has nowhere else to keep them. Whoever opens its source can cheat, against nobody.

# %%
blind_test(run)

# %% [markdown]
# Your time runs while a picture is before you; a network's is the time for one picture, measured on the machine that made this
# book. The intervals draw patients, as everywhere in this book. They cover which patients were set apart, and not how you would read
# on another day.
#
# ## What the networks say
#
# Kappa with the truth, then all scores. Malignant is the class that sensitivity and specificity are about.

# %%
scores.intervals(blind, "kappa", chance=0.0)

# %%
tables.blind(blind)

# %%
Markdown(findings.classes(run.predictions.query("split == 'blind'")))

# %% [markdown]
# ## A judge of the split
#
# No patient of the blind set stands in any split, so both protocols face it alike. Where a test promises more than the blind
# pictures keep, the test has seen something of the training. Few pictures make wide intervals: a promise inside its interval is
# not thereby kept, only not refuted.

# %%
Markdown(findings.kept_promise(run.networks, blind))

# %% [markdown]
# ## What was learnt
#
# - Accuracy counts agreement that chance brings too; kappa does not.
# - A reader, person or network, is compared on the same pictures and with an interval, or not compared.
# - Pictures set apart before any split tell what a test that leaks cannot.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **A reader who never looks.** Let a reader call every blind picture by the most frequent class. What are her accuracy and her
# kappa, and which of the two would you want to see in an advertisement?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import pandas as pd
from sklearn.metrics import accuracy_score, cohen_kappa_score

apart = run.predictions.query("split == 'blind' and protocol == 'patient_grouped'")
truth = apart.drop_duplicates("image_id").set_index("image_id")["label"]
never = pd.Series(truth.mode()[0], index=truth.index)
told = {"accuracy": accuracy_score(truth, never), "kappa": cohen_kappa_score(truth, never)}
pd.DataFrame([told], index=["never looks"]).round(3)

# %% [markdown]
# **Do networks err alike?** Compute the kappa of each pair of networks with one another, and of each with the truth. Can two
# networks agree more with each other than with the truth, and what would that mean for asking both?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
from helpers.evaluation.agreement import cohens_kappa

classes = ["normal", "benign", "malignant"]
apart = apart.assign(called=apart[classes].idxmax(axis=1))
readers = apart.pivot(index="image_id", columns="network", values="called").assign(truth=truth)
calls = {name: pd.get_dummies(readers[name]).reindex(columns=classes, fill_value=False).to_numpy(int) for name in readers}
kappas = [[float(cohens_kappa(calls[one].T @ calls[other])) for other in calls] for one in calls]
pd.DataFrame(kappas, index=list(calls), columns=list(calls)).round(3)
