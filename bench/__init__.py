"""The benchmark: what our agents spend, beside stock ACA-Py doing the same in the same minutes."""
