"""The questions of dump_runtime.py, one file per subject; everything here runs under Python 2.7 to 3.13."""
