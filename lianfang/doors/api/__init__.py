"""The interface: phones, gates and counters hand in entries, over HTTP and MQTT."""
