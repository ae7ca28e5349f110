"""Everything that touches a file."""

from seglabel.formats.project_view import ProjectView, open_project

__all__ = ["ProjectView", "open_project"]
