"""What has been done, in numbers: declared in the pack, reckoned from the journal as of an instant."""
