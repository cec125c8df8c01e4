"""GenerateMac and VerifyMac."""

from __future__ import annotations

from crypto.errors import InvalidMac
from crypto.uses import Mac
from node.model.errors import DryRunSucceeded, KmsInvalidMac
from node.model.key import Key
from node.operations.resolve import Resolver
from node.wire.messages import Call
from node.wire.shapes.macs import (
    GenerateMacRequest,
    GenerateMacResponse,
    VerifyMacRequest,
    VerifyMacResponse,
)


class Macs:
    """The MAC operations of one region. HMAC is short work: it never leaves the event loop."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def generate_mac(self, call: Call, request: GenerateMacRequest) -> GenerateMacResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html"""
        key, mac = await self._mac("GenerateMac", call, request)
        if request.dry_run:
            raise DryRunSucceeded
        return GenerateMacResponse(
            mac=mac.generate(request.message),
            mac_algorithm=request.mac_algorithm,
            key_id=key.arn,
        )

    async def verify_mac(self, call: Call, request: VerifyMacRequest) -> VerifyMacResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html"""
        key, mac = await self._mac("VerifyMac", call, request)
        try:
            mac.verify(request.message, request.mac)
        except InvalidMac:
            raise KmsInvalidMac from None
        if request.dry_run:
            raise DryRunSucceeded
        return VerifyMacResponse(
            key_id=key.arn, mac_valid=True, mac_algorithm=request.mac_algorithm
        )

    async def _mac(
        self, operation: str, call: Call, request: GenerateMacRequest | VerifyMacRequest
    ) -> tuple[Key, Mac]:
        hot = await self._resolver.to_use(
            operation, call, request, request.key_id, request.mac_algorithm
        )
        return hot.key, hot.current(Mac)
