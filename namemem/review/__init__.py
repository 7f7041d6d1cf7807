"""The review studio: pages on which character designers hear, see, correct and approve names.

A sub-application, mounted at `/review`. Every page is rendered here (Jinja2, `templates/`); the
little JavaScript in `static/js/` plays, records and edits, and works without any build step.
What the pages do, they do through `namemem.service`, exactly as the HTTP API does.
"""

from namemem.review.site import create_review

__all__ = ["create_review"]
