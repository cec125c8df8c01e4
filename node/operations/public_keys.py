"""GetPublicKey: the public half of an asymmetric key, for use outside."""

from __future__ import annotations

from typing import cast

from crypto.specs import Work
from crypto.uses import PublicHalf
from node.hot.work import CallThreads
from node.model.state import check_state
from node.model.usage import check_public
from node.operations.metadata import algorithms_of, older_spec_name
from node.operations.resolve import Resolver
from node.wire.messages import Call
from node.wire.shapes import types
from node.wire.shapes.public_keys import GetPublicKeyRequest, GetPublicKeyResponse


class PublicKeys:
    """The public keys of one region."""

    def __init__(self, resolver: Resolver, threads: CallThreads) -> None:
        self._resolver = resolver
        self._threads = threads

    async def get_public_key(
        self, call: Call, request: GetPublicKeyRequest
    ) -> GetPublicKeyResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html"""
        hot = await self._resolver.allowed("GetPublicKey", call, request, request.key_id)
        check_public("GetPublicKey", hot.key)
        check_state("GetPublicKey", hot.key)
        half = hot.current(PublicHalf)
        return GetPublicKeyResponse(
            key_id=hot.key.arn,
            public_key=await self._threads.done(half, Work.SHOW_PUBLIC_KEY, half.public_key),
            customer_master_key_spec=older_spec_name(hot.key),
            key_spec=cast("types.KeySpec", hot.key.key_spec),
            key_usage=cast("types.KeyUsage", hot.key.key_usage),
            **algorithms_of(hot.key),
        )
