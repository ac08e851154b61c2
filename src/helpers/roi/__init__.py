"""Document C's protocol: networks trained apart on pictures with and without an ROI mask, and what the flag tells.

`cohorts` draws the flags, `separation` is the protocol, `learners` are what is trained by it, `localizer` predicts the
flag of a new patient, `splits` deals a set that comes without a test, and `play` runs and keeps it all.
"""
