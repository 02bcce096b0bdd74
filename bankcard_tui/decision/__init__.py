"""The decision aid: points cards learned from outcomes, and the opinion on an application."""

import os

# Matrices here have some hundred rows. Shared among threads they gain nothing on an idle machine, and on a busy one the
# threads wait for each other: training took forty times as long. OpenBLAS asks once, when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
