"""CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey.

A secret is shown once, to whoever makes the key; from then on it is sealed, here and in every
region.
"""

from __future__ import annotations

from node.directory.entity import ACTIVE, Entity
from node.directory.ids import new_access_key_id, new_secret
from node.directory.parts import Kind, Made, Part, Text
from node.model.errors import InvalidInput, NoSuchEntity
from node.operations.iam.callers import own_name
from node.operations.iam.desk import Desk, about
from node.operations.iam.limits import check_access_keys
from node.operations.iam.pages import paged
from node.wire.messages import Call
from node.wire.shapes.iam.access_keys import (
    CreateAccessKeyRequest,
    CreateAccessKeyResponse,
    DeleteAccessKeyRequest,
    ListAccessKeysRequest,
    ListAccessKeysResponse,
    UpdateAccessKeyRequest,
)
from node.wire.shapes.iam.structures import AccessKey, AccessKeyMetadata


class AccessKeys:
    """The operations on access keys."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def create_access_key(
        self, call: Call, request: CreateAccessKeyRequest
    ) -> CreateAccessKeyResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html"""
        name = request.user_name or own_name(call)
        randomness = self._desk.services.randomness
        key_id, secret = new_access_key_id(randomness), new_secret(randomness)
        resource = about(call, Kind.USER, name)
        async with self._desk.changing(call, "CreateAccessKey", request, resource) as change:
            user = change.one(Kind.USER, name)
            check_access_keys(len(user.access_keys))
            made = Made(change.now)
            change.put(user.unique_id, Part.KEY, made, key_id, secret=secret.encode())
            shown = AccessKey(
                user_name=change.book.name_of(user),
                access_key_id=key_id,
                status=ACTIVE,
                secret_access_key=secret,
                create_date=change.now,
            )
        return CreateAccessKeyResponse(access_key=shown)

    async def list_access_keys(
        self, call: Call, request: ListAccessKeysRequest
    ) -> ListAccessKeysResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html"""
        name = request.user_name or own_name(call)
        resource = about(call, Kind.USER, name)
        reading = await self._desk.reading(call, "ListAccessKeys", request, resource)
        user = reading.one(Kind.USER, name)
        found = [
            AccessKeyMetadata(
                user_name=reading.book.name_of(user),
                access_key_id=key_id,
                status=user.status(key_id),
                create_date=made.created,
            )
            for key_id, made in user.access_keys.items()
        ]
        keys, end = paged("ListAccessKeys", request, found, lambda key: key.access_key_id or "")
        return ListAccessKeysResponse(access_key_metadata=list(keys), **end._asdict())

    async def update_access_key(self, call: Call, request: UpdateAccessKeyRequest) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html"""
        name = request.user_name or own_name(call)
        resource = about(call, Kind.USER, name)
        async with self._desk.changing(call, "UpdateAccessKey", request, resource) as change:
            user = change.one(Kind.USER, name)
            _check_has(user, request.access_key_id)
            if request.status == "Expired":
                raise InvalidInput("The status of an access key is Active or Inactive.")
            if user.status(request.access_key_id) != request.status:
                status = Text(request.status)
                change.put(user.unique_id, Part.STATUS, status, request.access_key_id)

    async def delete_access_key(self, call: Call, request: DeleteAccessKeyRequest) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html"""
        name = request.user_name or own_name(call)
        resource = about(call, Kind.USER, name)
        async with self._desk.changing(call, "DeleteAccessKey", request, resource) as change:
            user = change.one(Kind.USER, name)
            _check_has(user, request.access_key_id)
            change.take_back(user, Part.KEY, request.access_key_id)


def _check_has(user: Entity, access_key_id: str) -> None:
    if access_key_id not in user.access_keys:
        raise NoSuchEntity(f"The Access Key with id {access_key_id} cannot be found.")
