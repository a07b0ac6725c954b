"""What is asked of the running site, in this order: each question begins where the one before left off.

A question is a function that takes the site and raises when it does not do what the pages say. Its docstring says
what is expected; `COMPOSE D2` and the like are the defects that a first run on an engine found.
"""

from collections.abc import Callable

from scripts.containers.questions import beside, first_start, keeping, moving, safety
from scripts.containers.site import Site

Question = Callable[[Site], None]
# Nothing of what follows can be asked when one of these fails.
ESSENTIAL: tuple[Question, ...] = (first_start.the_image_builds, first_start.production_comes_up)
QUESTIONS: tuple[Question, ...] = (
    *ESSENTIAL,
    first_start.only_the_proxy_listens,
    first_start.an_administrator_is_made,
    first_start.doctor_is_content,
    first_start.people_walk_the_tour,
    first_start.the_stream_goes_through_the_proxy,
    first_start.nginx_sends_static_files_and_keeps_private_ones,
    safety.processes_have_no_rights,
    safety.the_role_of_the_application_is_no_superuser,
    safety.no_secret_is_shown,
    safety.a_full_disk_of_the_proxy_is_no_kill,
    safety.the_cache_stops_by_itself_and_never_runs_open,
    moving.the_proxy_follows_web_to_another_address,
    moving.two_web_containers_share_the_requests,
    safety.every_line_of_the_log_is_json,
    moving.an_upgrade_is_hardly_noticed,
    keeping.a_backup_is_restored,
    beside.tls_works_as_documented,
    beside.development_runs_beside_production,
    keeping.down_leaves_nothing_but_the_data,
    beside.one_cpu_is_enough,
)
# What --quick leaves out: half a minute and more each.
LONG: tuple[Question, ...] = (
    moving.two_web_containers_share_the_requests,
    moving.an_upgrade_is_hardly_noticed,
    beside.development_runs_beside_production,
)
