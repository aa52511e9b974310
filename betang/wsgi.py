"""The site, as a WSGI application (granian serves it)."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "betang.settings")

application = get_wsgi_application()

# A batch of the field makes ten thousand small objects and no cycles: looking for cycles after
# each seven hundred cost a sixth of its time. What was loaded at the start stays.
gc.freeze()
gc.set_threshold(50_000, 20, 20)
