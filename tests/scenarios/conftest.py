"""Regions for the scenarios; every test makes keys of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.client import Kms
from tests.scenarios.key_specs import Keys
from tests.scenarios.region import Met, Regions, RegionUnderTest, met_regions

ALONE = "us-east-1"


@pytest.fixture(scope="module", autouse=True)
def _few_rsa_keys(few_rsa_keys: None) -> None:
    """Every module's tests do with a few RSA keys."""


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegionUnderTest]:
    """One region that knows of two others and hears of none, shared by a module's tests."""
    regions = Regions(tmp_path_factory.mktemp("region"))
    yield regions[ALONE]
    regions.close()


@pytest.fixture(scope="module")
def kms(region: RegionUnderTest) -> Kms:
    """The administrator's client of that region."""
    return region.kms


@pytest.fixture(scope="module")
def keys(kms: Kms) -> Keys:
    """Keys of every spec and usage in that region: leave them as they are."""
    return Keys(kms)


@pytest.fixture(scope="module")
def stranger(region: RegionUnderTest) -> Kms:
    """The client of another account's principal."""
    return region.stranger


@pytest.fixture(scope="session")
def met(tmp_path_factory: pytest.TempPathFactory) -> Met:
    """Three regions that have read each other's logs: what others begin with."""
    return met_regions(tmp_path_factory.mktemp("met"))


@pytest.fixture(scope="module")
def shared_regions(tmp_path_factory: pytest.TempPathFactory, met: Met) -> Iterator[Regions]:
    """Three regions, replicating, shared by a module's tests: leave them whole."""
    regions = Regions(tmp_path_factory.mktemp("regions"), met=met)
    regions.start()
    yield regions
    regions.close()


@pytest.fixture
def regions(tmp_path_factory: pytest.TempPathFactory, met: Met) -> Iterator[Regions]:
    """Three regions, replicating, of a test's own: cut them off as you like."""
    regions = Regions(tmp_path_factory.mktemp("regions"), met=met)
    regions.start()
    yield regions
    regions.close()
