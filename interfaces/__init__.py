"""What people touch: the command line, the demo."""
