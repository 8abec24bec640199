"""The systems that `benchmarks.compare` asks, each run in an environment of its own."""
