# Thin on purpose: each target is one or two lines; the work stands in src/workflow.
.DEFAULT_GOAL := help
.PHONY: help book pdf study pictures test bench lab dashboard lock audit clean

PROFILE ?= demo
DEVICE  ?= cpu
BIN     := .venv/bin
READY   := .venv/.ready-$(DEVICE)
CLUSTER := $(if $(filter-out local,$(ENGINE))$(STORAGE),.venv/.ready-cluster)
LOCK    := $(if $(filter cuda,$(DEVICE)),requirements-cuda.lock,requirements.lock)

help:  ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 8

book: $(READY)  ## make the book: make book [PROFILE=demo] [DATA=path] [SET="epochs=1 icnt.epochs=2"] [ONLY=05_metrics]
	@$(BIN)/python -m workflow.book --profile "$(PROFILE)" --data "$(DATA)" --set "$(SET)" --only "$(ONLY)"

study: $(READY) $(CLUSTER)  ## many trainings as one table: make study STUDY=ci [ENGINE=slurm] [JOBS=2] [STORAGE=s3://...] [DATA=path] [SET=...]
	@$(BIN)/python -m workflow.study --study "$(STUDY)" --engine "$(or $(ENGINE),local)" --jobs "$(or $(JOBS),0)" --storage "$(STORAGE)" --data "$(DATA)" --set "$(SET)"

pictures: $(READY) $(CLUSTER)  ## the pictures of a large screening set in parts, a job each: make pictures SET="ladder.data=rsna ladder.path=..." [PARTS=16] [ENGINE=slurm]
	@$(BIN)/python -m workflow.pictures --profile "$(PROFILE)" --set "$(SET)" --parts "$(or $(PARTS),16)" --engine "$(or $(ENGINE),local)" --jobs "$(or $(JOBS),0)"

test: $(READY) .venv/.ready-backends $(if $(ALL),.venv/.ready-cluster)  ## lint, import direction, unit, notebooks, book, real mammograms: make test [ALL=yes, with kills and a cluster]
	@$(BIN)/python -m workflow.test --all "$(ALL)"

bench: $(READY)  ## time each shortcut beside the plain way: make bench [WHAT="training growth"]
	@$(BIN)/python -m bench $(WHAT)

pdf: book  ## the whole book as one PDF: make pdf [PROFILE=demo]
	@$(BIN)/python -m workflow.pdf

lab: $(READY)  ## open the notebooks in JupyterLab
	@JUPYTER_CONFIG_PATH=$(CURDIR)/src/workflow/jupyter $(BIN)/jupyter lab notebooks

dashboard: $(READY)  ## open the explorers and a page for an own picture, on this machine alone: make dashboard [PROFILE=demo]
	@$(BIN)/python -m workflow.dashboard --profile "$(PROFILE)"

lock:  ## pin what pyproject.toml asks for, with hashes and without addresses: make lock [UPGRADE=yes]
	@UPGRADE="$(UPGRADE)" sh src/workflow/lock.sh

audit: $(READY)  ## look the pinned packages up among the known weaknesses
	@$(BIN)/python -m workflow.audit

clean:  ## remove what was built; keep the environment
	@rm -rf build _build book/nb .snakemake

$(READY): $(LOCK) pyproject.toml src/workflow/assets.toml
	@PYTHON="$(PYTHON)" sh src/workflow/install.sh $(LOCK) && touch $@

.venv/.ready-cluster: $(READY) requirements-cluster.lock src/workflow/cluster.sh
	@sh src/workflow/cluster.sh && touch $@

.venv/.ready-backends: $(READY) requirements-backends.lock src/workflow/backends.sh
	@sh src/workflow/backends.sh && touch $@
