"""What is asked of each operation: one function per operation, from the simplest call on.

Each yields the members of a call and is continued when it was made, so that it may prepare the next
one. Together they give every parameter at least once, and every value that the model names.
"""
