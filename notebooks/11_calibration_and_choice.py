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
# # What a number is good for
#
# A score ranks networks. To use one, more is needed: whether its lead over another is more than chance, whether its probabilities
# mean what they say, what a threshold does to patients, and what it costs to run. This chapter measures each, and ends with a
# choice for each of the four tasks that the document names.
#
# **You will learn** to compare two networks on the same patients, to read a reliability curve and mend it with one number, to tell
# the benefit of acting on a network from the benefit of acting anyway, and to see how far a choice hangs on its weights.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
import numpy as np
from IPython.display import Markdown

from helpers.evaluation import benefit, calibration, choice, comparisons, decisions, temperature
from helpers.figures import calibration as curves
from helpers.figures import choice as choices
from helpers.figures import decisions as figures
from helpers.figures import style
from helpers.findings import choice as findings
from helpers.inspection.costs import costs
from helpers.published import bassi
from helpers.run import open_run

# %%
style.use_style()
run = open_run(profile, data, settings, build)
predictions, claim = run.predictions, run.networks["icnt"].protocols[0]
drawn = {"draws": run.profile.bootstrap_draws, "seed": run.profile.seed}

# %% [markdown]
# ## How many cases stand behind it
#
# Every interval below comes from the patients of the test. A few malignant patients leave wide bars, whatever the network.

# %%
Markdown(findings.cases(predictions))

# %% [markdown]
# ## Is one network better than another?
#
# All networks saw the same test pictures, so they are compared picture by picture: a hard patient is hard for both. Three ways lead
# to an interval of the difference of two areas under ROC curves. DeLong's {cite}`delong1988`, in the fast form of {cite:t}`sun2014`,
# takes each picture for a case of its own. Obuchowski's {cite}`obuchowski1997` is the same formula with the pictures of a patient
# summed first, since two views of one breast are not two cases. The bootstrap draws patients, the same ones for both networks. With few
# patients all three are rough.
#
# Many comparisons find something by chance. Holm's correction {cite}`holm1979` asks more of each p-value the more there are; the
# figure prints the corrected ones of Obuchowski's way.

# %%
areas = comparisons.compared_areas(predictions, **drawn)
figures.area_differences(areas)

# %%
f1 = comparisons.compared_f1(predictions, **drawn)
Markdown(findings.differences(areas, f1))

# %%
figures.difference_table(f1)

# %%
Markdown(findings.patients_matter(areas))

# %% [markdown]
# ## Do the probabilities mean what they say?
#
# Of all pictures that are given a probability of eight in ten, eight in ten should turn out so. Networks trained to a low
# cross-entropy tend to be too sure {cite}`guo2017`. One number mends most of it: the class scores are divided by a temperature before
# the softmax. It is fitted on the validation pictures, so that the test stays a test. No call changes by it, only how sure it is.

# %%
fitted = temperature.temperatures(predictions, **drawn)
calibrated = temperature.rescaled(predictions, fitted)
Markdown(findings.temperatures(fitted, claim))

# %% [markdown]
# A reliability curve sets the probabilities against what came true, in bins of equal numbers of pictures; on the dashed line they
# agree. Each interval counts the patients of its bin and not its pictures.

# %%
before, after = (calibration.reliability(table) for table in (predictions, calibrated))
curves.reliability_curves(before, after, "malignant")

# %%
curves.reliability_curves(before, after, "call")

# %% [markdown]
# The calibration error is the mean distance from that line. It cannot be negative, so even right probabilities show some, the more
# the fewer pictures there are: the gray bars mark how much. The Brier score {cite}`brier1950` and the log loss judge calibration and
# discrimination together.

# %%
scored, rescored = (calibration.scores(table, **drawn) for table in (predictions, calibrated))
curves.calibration_scores(scored, rescored)

# %%
Markdown(findings.calibration(scored, rescored, claim))

# %% [markdown]
# The Brier score falls apart into how far the probabilities are off (miscalibration), how well they tell the classes apart
# (discrimination), and how uncertain the classes are by themselves; the decomposition of {cite:t}`dimitriadis2021` needs no bins and
# leaves no rest.

# %%
curves.parts_table(calibration.brier_parts(calibrated))

# %% [markdown]
# ## What a threshold does
#
# The area under a ROC curve averages over thresholds that nobody would use. Screening works at a high specificity, since most
# women are healthy; so the question is how many cancers are found there, and the other way round.

# %%
points = decisions.operating_points(calibrated, **drawn)
figures.operating_points(points)

# %% [markdown]
# Those thresholds were read off the test itself. In use, a threshold is set before: here on the validation pictures, for the same
# specificity. What it does on the test is another matter.

# %%
carried = decisions.carried_thresholds(calibrated, **drawn)
figures.carried_thresholds(carried, decisions.LEVEL)

# %%
Markdown(findings.carried(carried, decisions.LEVEL, claim))

# %% [markdown]
# ## Does acting on it do more good than harm?
#
# A decision curve {cite}`vickers2006` counts cancers found and takes off false alarms, weighed by the odds of the threshold: who acts
# from one in ten on holds a missed cancer for as bad as nine false alarms. A network is of use where its curve lies above both gray
# lines, acting on everybody and acting on nobody.

# %%
here = benefit.decision_curves(calibrated, np.arange(0.05, 0.91, 0.05), **drawn)
figures.decision_curves(here)

# %%
Markdown(findings.benefit(here, claim))

# %% [markdown]
# That holds where cancer is as frequent as in this test. In screening it is rare: the next figure carries the probabilities over, by
# Bayes' rule {cite}`saerens2002`, to the share that document B prints for its screening pictures. Only the share changes; it is assumed
# that the cancers, and the healthy, look as they do here.

# %%
rare = benefit.decision_curves(calibrated, np.arange(0.005, 0.101, 0.005), bassi.CANCER_SHARE, **drawn)
figures.decision_curves(rare)

# %%
Markdown(findings.benefit(rare, claim))

# %% [markdown]
# ## What it costs
#
# Time for one picture on the machine that trained, memory for its weights and for the most activations held at a time (counted from
# the graph, so a lower bound), the file on disk, and the number of parameters.

# %%
price = costs(run.networks)
choices.costs(price)

# %% [markdown]
# ## Which network for which task?
#
# The document names four tasks and says which network it would take for each; it gives no numbers for what a task asks. This book
# makes them explicit. Each criterion is put on a scale from a worst value to a best one that are fixed beforehand, and each task
# weighs the criteria. The weights are ours. They are opinions, and stand here so that one can disagree with them.

# %%
Markdown(findings.tasks())

# %%
choices.weight_table()

# %%
choices.scale_table()

# %%
measured = {name: choice.measure(calibrated, price, name, **drawn) for name in run.profile.protocols}
choices.criteria({name: choice.criteria_table(found) for name, found in measured.items()})

# %% [markdown]
# A choice is as uncertain as what it rests on. On each draw of patients all criteria are measured again, and the best network of each
# task is noted. (What is perfect on the test is perfect on every draw of it, so a network without error looks surer than it is.) The
# last bar asks another question: if nothing were known of the weights, and each weighting were as likely as any
# other, which network would be the best how often {cite}`lahdelma1998`? Half of the criteria are costs, so that bar leans to what is
# light.

# %%
chosen = {name: choice.choose(found) for name, found in measured.items()}
anyhow = {name: choice.any_weights(found, seed=run.profile.seed) for name, found in measured.items()}
choices.choices(chosen, anyhow)

# %%
Markdown(findings.chosen(chosen[claim]))

# %%
from helpers.findings.networks import chance_level

Markdown(findings.worth_choosing(run.scores, chance_level(run.networks, run.profile), claim))

# %% [markdown]
# Here are the weights to disagree with. Start from a task, move what you think is wrong, and see whether another network wins, and on
# how many draws of patients it still does.

# %%
from helpers.explorers.weighing import weighing

weighing(measured)

# %% [markdown]
# The document also counts the explanations of a network among the reasons to trust one. What those are worth is a question of its own,
# and no criterion here.

# %% [markdown]
# ## What was learnt
#
# - Pictures of one patient are not independent cases, and a formula that takes them so gives bars that are too short.
# - Being right and being sure are two things. A temperature changes the second and leaves the first.
# - A threshold is a decision of its own; what was set on some patients need not hold on others.
# - A network can rank well and still do no more good than acting on nobody, where the disease is rare.
# - The best network is the answer to a question with weights in it. Who does not name the weights has chosen them all the same.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **A temperature by hand.** A softmax of class scores divided by a temperature is the old probabilities to the power of one by the
# temperature, scaled to sum to one. Compute it for one test picture at several temperatures. What never changes, and where does it end?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import pandas as pd

one = predictions.query("split == 'test'").iloc[0][["normal", "benign", "malignant"]].astype(float)
powers = pd.DataFrame({f"temperature {number:g}": one ** (1 / number) for number in (0.5, 1, 2, 5, 100)})
(powers / powers.sum()).round(3)

# %% [markdown]
# **Twenty looks at nothing.** Let twenty comparisons have nothing in them, so that each p-value is any number between zero and one.
# How often is at least one of them below one in twenty? And after Holm's correction?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
looks = np.random.default_rng(run.profile.seed).uniform(size=(2000, 20))
corrected = np.array([comparisons.holm(values) for values in looks])
found = {"as they are": (looks < 0.05).any(axis=1).mean(), "after Holm": (corrected < 0.05).any(axis=1).mean()}
pd.DataFrame([found], index=["at least one false finding"]).round(3)
