"""Overview section 8: what each act does to each capability."""

import pytest

pytest.register_assert_rewrite("config.tests.acts.on_tasks", "config.tests.acts.on_projects_and_people")
