"""One report, in Markdown for people, in JSON for programs, and as a picture."""
