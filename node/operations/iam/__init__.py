"""IAM's own operations: the directory of principals, managed as its users know it."""
