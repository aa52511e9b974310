"""Foreign keys between packages leave nothing on the lower model at run time."""

import pytest
from django.apps import apps
from django.db import models

OURS = [model for model in apps.get_models() if model.__module__.startswith("betang.")]


def crossing(model: type[models.Model]) -> list[models.ForeignKey]:
    return [
        field
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and field.related_model._meta.app_label != model._meta.app_label
    ]


def breaches(model: type[models.Model]) -> list[str]:
    return [
        f"{model.__name__}.{field.name}"
        for field in crossing(model)
        if field.remote_field.related_name != "+"
        or field.remote_field.on_delete is not models.PROTECT
    ]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_crossing_foreign_key_has_no_way_back_and_protects(model):
    assert breaches(model) == []


def test_a_reverse_accessor_would_be_noticed():
    class Stray(models.Model):
        household = models.ForeignKey("registry.Household", on_delete=models.CASCADE)

        class Meta:
            app_label = "cards"
            managed = False

    try:
        assert breaches(Stray) == ["Stray.household"]
    finally:
        del apps.all_models["cards"]["stray"]
        apps.clear_cache()
