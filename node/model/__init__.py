"""The nouns of one region: keys, aliases, principals, and the errors that name them."""
