"""How granian serves the application: measured with `lianfang bench ingest` on two cores.

Two processes, because Python uses one core each. Eight threads in each: entries that come at the same moment are stored
together, and they can only meet in threads; more of them would only make each other wait for Python.
"""

WORKERS = 2
THREADS = 8
SETTINGS = (
    "--workers",
    str(WORKERS),
    "--blocking-threads",
    str(THREADS),
    # granian counts open connections here, idle ones too: a low number would shut out phones while browsers idle.
    "--backpressure",
    "1024",
    "--respawn-failed-workers",
    "--respawn-interval",
    "0.5",
)
