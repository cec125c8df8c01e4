"""The requests and responses of IAM, shape by shape."""
