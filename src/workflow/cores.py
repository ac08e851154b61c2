"""How the cores are shared among the jobs of one run."""

import os

CORES = os.cpu_count() or 1
HALF = max(1, CORES // 2)
"""Threads of a notebook. Trainings side by side get further with half the cores each than with all between them: on two
cores by a tenth where layers are large, by a fifth where they are small. A notebook alone has as many, since with
another number of threads it would come to other bits."""
