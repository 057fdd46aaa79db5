"""What serves the house: settings, paths, the live stream, the supervisor."""
