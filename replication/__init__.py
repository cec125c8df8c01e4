"""How related keys in different regions stay one key: pure rules with a thin asynchronous shell."""
