"""What the shapes of IAM have in common."""

from __future__ import annotations

from node.wire.shapes.base import ModelShape


class IamShape(ModelShape, frozen=True, kw_only=True):
    """A structure of IAM's model."""
