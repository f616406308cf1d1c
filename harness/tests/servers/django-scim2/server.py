"""A service provider made of django-scim2, with people and groups in a database in memory.

    python server.py PORT TOKEN

What a vendor has to write is here and in `people`: models with the package's mixins, and one bearer token. Everything
SCIM, from filters and paging to PATCH and error bodies, is the package's own, so that the suites judge it and not these
files.
"""

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings

port, token = int(sys.argv[1]), sys.argv[2]

settings.configure(
    AUTH_USER_MODEL="people.User",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django_scim", "people"],
    LOGGING_CONFIG=None,
    MIDDLEWARE=["people.auth.bearer_token"],
    # Quick to make, and never shown: half a second for each password would be all the time the suites take.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ROOT_URLCONF="people.urls",
    SCIM_SERVICE_PROVIDER={
        "SCHEME": "http",
        "NETLOC": f"127.0.0.1:{port}",
        "GROUP_MODEL": "people.models.Group",
        "GROUP_FILTER_PARSER": "people.filters.GroupFilter",
        "WWW_AUTHENTICATE_HEADER": "Bearer",
        "AUTHENTICATION_SCHEMES": [
            {"type": "oauthbearertoken", "name": "OAuth Bearer Token", "description": "A token in Authorization"},
        ],
    },
    SCIM_TOKEN=token,
    SECRET_KEY=token,
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command  # noqa: E402: models need the settings
from django.core.wsgi import get_wsgi_application  # noqa: E402


class Handler(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, *_):
        pass


call_command("migrate", run_syncdb=True, verbosity=0)
with make_server("127.0.0.1", port, get_wsgi_application(), handler_class=Handler) as server:
    print(f"http://127.0.0.1:{server.server_port}/scim/v2", flush=True)
    server.serve_forever()
