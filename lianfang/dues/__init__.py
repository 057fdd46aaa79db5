"""What is expected by a time: an entry of a kind about something."""
