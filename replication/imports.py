"""Imported material of related keys: it never travels, each region imports it (kms-semantics a).

What is shared is which material the key has. The primary names the next one (PendingImport), each
region tells in its own log whether it holds it (ImportReported), and the primary keeps count in the
shared state; when all have it, the key can be rotated. A report that was lost, or that the primary
was not yet there to hear, is due again at the next version of the shared state. Pure functions.
"""

from __future__ import annotations

from collections.abc import Collection

from replication.payloads import ImportReported
from replication.shared import SharedState


def report_due(region: str, shared: SharedState, held: Collection[str]) -> ImportReported | None:
    """What a replica's region has to tell the primary's, if that believes something else of it.

    `held` are the IDs of the materials that the region holds.
    """
    pending = shared.materials.pending_import
    if pending is None or region == shared.primary:
        return None
    holds = pending.material_id in held
    if holds == (region in pending.regions):
        return None
    return ImportReported(shared.key_id, pending.material_id, pending.since, holds)


def reported(shared: SharedState, origin: str, report: ImportReported) -> SharedState | None:
    """The next version of the shared state after a report, which the primary makes.

    None if it changes nothing: it is known, or it is of a material that no longer is pending.
    """
    pending = shared.materials.pending_import
    if pending is None or (pending.material_id, pending.since) != (
        report.material_id,
        report.since,
    ):
        return None
    materials = shared.materials.import_told(origin, held=report.held)
    return None if materials == shared.materials else shared.with_materials(materials)


def lacking(shared: SharedState, evicted: Collection[str] = ()) -> tuple[str, ...]:
    """The regions that still have to import the material that awaits its rotation.

    An evicted region is not waited for.
    """
    pending = shared.materials.pending_import
    if pending is None:
        return ()
    waited_for = (each for each in shared.regions if each not in evicted)
    return tuple(each for each in waited_for if each not in pending.regions)


def dropped(known: SharedState, told: SharedState) -> frozenset[str]:
    """The materials that a region lets go when it takes over `told` from `known`.

    That is the pending one if the primary has dropped it (KMS: DeleteImportedKeyMaterial on the
    primary). After a change of primary it is kept: it may have been current elsewhere, and then
    comes back into the history (D6).
    """
    pending = known.materials.pending_import
    if pending is None or not known.led_alike(told):
        return frozenset()
    return frozenset({pending.material_id}) - told.materials.associated
