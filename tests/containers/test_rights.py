"""What each container may do: nothing as root, nothing in other regions, little in a stream."""

from __future__ import annotations

import json

import pytest

from replication.redis_stream import log_key
from tests.containers.docker import DockerError
from tests.containers.stack import BACKBONE, Stack, parts

ORIGIN, READER = "us-east-1", "eu-west-1"
LOG = log_key(ORIGIN)

# Run in a node's container, with the password that lies there: argv is a region and the commands.
AS_NODE = """
import json, sys, tomllib, redis
with open("/run/secrets/cluster.toml", "rb") as file:
    server = redis.Redis.from_url(tomllib.load(file)["regions"][sys.argv[1]]["stream"])
def outcome(command):
    try:
        server.execute_command(*command)
    except redis.ResponseError as error:
        return type(error).__name__
    return "done"
print(json.dumps([outcome(each) for each in json.loads(sys.argv[2])]))
"""

READS = [["XREAD", "COUNT", "1", "STREAMS", LOG, "0"], ["XREVRANGE", LOG, "+", "-", "COUNT", "1"]]
WRITES = [
    ["XADD", LOG, "99999999-0", "e", "forged"],
    ["XTRIM", LOG, "MAXLEN", "0"],
    ["XDEL", LOG, "1-0"],
    ["DEL", LOG],
    ["RENAME", LOG, "elsewhere"],
]
EVERYTHING_ELSE = [
    ["SET", "a", "b"],
    ["GET", "a"],
    ["KEYS", "*"],
    ["FLUSHALL"],
    ["CONFIG", "GET", "*"],
    ["ACL", "LIST"],
    ["CLIENT", "LIST"],
    ["PUBLISH", "a", "b"],
    ["EVAL", "return 1", "0"],
    ["REPLICAOF", "NO", "ONE"],
    ["SHUTDOWN"],
]


def outcomes(stack: Stack, node: str, region: str, commands: list[list[str]]) -> list[str]:
    """What a region's server says to a region's node: `done`, or the name of the error."""
    service, _ = parts(node)
    told = stack.execute(service, "python", "-c", AS_NODE, region, json.dumps(commands))
    answers: list[str] = json.loads(told)
    return answers


def test_a_foreign_node_reads_a_stream_and_does_nothing_else(stack: Stack) -> None:
    assert outcomes(stack, READER, ORIGIN, READS) == ["done"] * len(READS)
    refused = [*WRITES, *EVERYTHING_ELSE]
    assert outcomes(stack, READER, ORIGIN, refused) == ["NoPermissionError"] * len(refused)


def test_the_own_node_writes_its_stream_and_nothing_else(stack: Stack) -> None:
    refused = [["XADD", log_key(READER), "*", "e", "x"], *EVERYTHING_ELSE]
    assert outcomes(stack, ORIGIN, ORIGIN, refused) == ["NoPermissionError"] * len(refused)
    assert stack.status(ORIGIN).log.connected


def test_a_stranger_may_ask_for_life_and_nothing_else(stack: Stack) -> None:
    _, valkey = parts(ORIGIN)
    assert stack.execute(valkey, "valkey-cli", "PING").strip() == "PONG"
    for command in [*READS, *WRITES, *EVERYTHING_ELSE]:
        assert "NOPERM" in stack.execute(valkey, "valkey-cli", *command)


def test_containers_are_nobody_and_can_do_nothing_to_themselves(stack: Stack) -> None:
    for service in stack.services():
        told = stack.inspect(service)
        assert told["Config"]["User"] in ("10001:10001", "999:999")
        assert told["HostConfig"]["ReadonlyRootfs"]
        assert not told["HostConfig"]["Privileged"]
        process = stack.execute(service, "cat", "/proc/1/status")
        assert "CapEff:\t0000000000000000" in process
        assert "NoNewPrivs:\t1" in process
        with pytest.raises(DockerError, match="Read-only file system"):
            stack.execute(service, "sh", "-c", "echo > /made")


def test_no_container_is_given_what_belongs_to_another_region(stack: Stack) -> None:
    for region in stack.names:
        for service in parts(region):
            mounts = [str(each["Source"]) for each in stack.inspect(service)["Mounts"]]
            others = [name for name in stack.names if name != region]
            assert mounts
            assert not [each for each in mounts if any(name in each for name in others)]


def test_regions_have_the_backbone_in_common_and_nothing_else(stack: Stack) -> None:
    networks = {
        region: {
            network
            for service in parts(region)
            for network in stack.inspect(service)["NetworkSettings"]["Networks"]
        }
        for region in stack.names
    }
    for region in stack.names:
        for other in stack.names:
            if region != other:
                assert networks[region] & networks[other] == {BACKBONE}
