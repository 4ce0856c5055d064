"""What Benchmarks/run is made of: one file for each thing it measures, and a few for what they share."""
