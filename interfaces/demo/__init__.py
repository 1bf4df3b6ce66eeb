"""A bundled newsroom on loopback, its ground truth, and the run that shows the product at work."""
