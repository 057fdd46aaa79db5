"""One file a benchmark: a click command called `command`, found by `lianfang bench`."""
