"""Contract x spec -> Comparison, in the ten steps of the rules."""
