"""``make bench``: what Signet costs beside what it stands on, both sides in one run, as ratios in docs/benchmarks.md.

Every figure is the median of several runs of both sides, taken in turns, on registries that ``tests.growth`` makes.
Read the ratios: milliseconds are of whatever machine ran it. What must hold on every machine is counted in the tests
(``tests/growth/test_counts.py``), not timed here.
"""
