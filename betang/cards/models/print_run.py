"""A frozen selection of cards that was drawn for the printer."""

from django.db import models

from betang.core.identifiers import new_uuid


class PrintRun(models.Model):
    """One frozen selection of cards, rendered once; its digest says exactly which cards."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    at = models.DateTimeField()
    count = models.IntegerField()
    design = models.TextField()
    rows_sha256 = models.BinaryField()
    file_sha256 = models.BinaryField(null=True)
    file_name = models.TextField(default="")

    def __str__(self) -> str:
        return str(self.uuid)
