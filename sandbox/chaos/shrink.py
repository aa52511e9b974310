"""Cut a failing plan down: fewer days, fewer devices, fewer kinds, then single faults.

The last step is delta debugging (Zeller and Hildebrandt, ddmin): leave out ever smaller pieces as
long as the rest still fails in the same way. `fails` plays a plan and says whether it does.
"""

from collections.abc import Callable, Sequence

from sandbox.chaos.plan import Fault, Plan

Fails = Callable[[Plan], bool]


def shrink(plan: Plan, fails: Fails) -> Plan:
    """Give a smaller plan that still fails; the plan itself where none was found."""
    plan = _fewer_days(plan, fails)
    plan = _fewer_devices(plan, fails)
    plan = _fewer_kinds(plan, fails)
    return plan.only(_fewer_faults(plan, fails))


def _fewer_days(plan: Plan, fails: Fails) -> Plan:
    days = 1
    while days < plan.days:
        if fails(smaller := plan.smaller(days=days)):
            return smaller
        days *= 2
    return plan


def _fewer_devices(plan: Plan, fails: Fails) -> Plan:
    """Keep those that the faults name: the first of them, as many as it takes."""
    devices = 2
    while devices < plan.devices:
        if fails(smaller := plan.smaller(devices=devices)):
            return smaller
        devices *= 2
    return plan


def _fewer_kinds(plan: Plan, fails: Fails) -> Plan:
    for kind in sorted({fault.kind for fault in plan.faults}):
        rest = plan.only([fault for fault in plan.faults if fault.kind != kind])
        if fails(rest):
            plan = rest
    return plan


def _fewer_faults(plan: Plan, fails: Fails) -> Sequence[Fault]:
    faults, pieces = list(plan.faults), 2
    if faults and fails(plan.only([])):
        return []
    while len(faults) > 1:
        size = -(-len(faults) // pieces)
        for start in range(0, len(faults), size):
            rest = faults[:start] + faults[start + size :]
            if rest and fails(plan.only(rest)):
                faults, pieces = rest, max(pieces - 1, 2)
                break
        else:
            if pieces >= len(faults):
                break
            pieces = min(len(faults), pieces * 2)
    return faults
