"""How granian serves the application: measured with `lianfang bench ingest` on two cores.

Two processes, because Python uses one core each. Few threads, because a thread beyond what waits for the database only
makes the others wait for Python: entries queue in granian, which costs nothing, rather than in the interpreter.
"""

WORKERS = 2
THREADS = 4
SETTINGS = (
    "--workers",
    str(WORKERS),
    "--blocking-threads",
    str(THREADS),
    # As many as wait for a thread at once; further requests wait in the socket's queue.
    "--backpressure",
    str(4 * THREADS),
    "--respawn-failed-workers",
    "--respawn-interval",
    "0.5",
)
