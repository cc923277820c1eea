"""The application: registers the blueprints, nothing else."""

from chalice.app import Chalice

from chalicelib.entrypoints.api import api_blueprint
from chalicelib.entrypoints.files import files_blueprint
from chalicelib.entrypoints.hooks import hooks_blueprint
from chalicelib.entrypoints.inbox import inbox_blueprint
from chalicelib.entrypoints.ladder_tasks import ladder_tasks_blueprint
from chalicelib.entrypoints.notices import notices_blueprint
from chalicelib.entrypoints.outbox import outbox_blueprint
from chalicelib.entrypoints.schedules import schedules_blueprint
from chalicelib.entrypoints.stream import stream_blueprint
from chalicelib.entrypoints.taps import taps_blueprint
from chalicelib.entrypoints.tasks import tasks_blueprint
from chalicelib.entrypoints.webhooks import webhooks_blueprint

app = Chalice(app_name="hearback", configure_logs=False)

for blueprint in (
    webhooks_blueprint,
    api_blueprint,
    taps_blueprint,
    inbox_blueprint,
    outbox_blueprint,
    notices_blueprint,
    files_blueprint,
    hooks_blueprint,
    tasks_blueprint,
    ladder_tasks_blueprint,
    stream_blueprint,
    schedules_blueprint,
):
    app.register_blueprint(blueprint)
