"""The implementation of Benchmarks/run: one file for each section, and a few shared ones."""
