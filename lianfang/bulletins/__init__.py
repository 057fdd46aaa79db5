"""Items, issues, figures in the text, lint, signatures, Word and PDF."""
