"""Typed requests and responses, one struct for each shape of the KMS model and named like it.

A test holds every struct against botocore's model: members, types, limits, patterns, enums.
"""
