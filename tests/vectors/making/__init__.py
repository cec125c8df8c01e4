"""How the vectors are made: a module per family of formats, a function per format."""
