"""Drives the mock org with Okta's own Python SDK: create, assign, update, deactivate, read the logs.

    python3 -m venv /tmp/okta-sdk && /tmp/okta-sdk/bin/pip install okta==3.4.6
    rehearsal okta exec --sync -- /tmp/okta-sdk/bin/python mock-okta/server/tests/sdk/lifecycle.py

The org and its token are in the environment that `okta exec` makes. Any unexpected answer ends the script with 1.
"""

import asyncio
import json
import os
import urllib.parse
import urllib.request

from okta.client import Client
from okta.models import (
    AppUserAssignRequest,
    CreateUserRequest,
    PasswordCredential,
    UpdateUserRequest,
    UserCredentialsWritable,
    UserProfile,
)

LOGIN = "sdk.user@example.com"


def done(answer):
    """Returns what a call of the SDK brought, or fails with its error."""
    *results, response, error = answer
    assert error is None, error
    assert response is None or response.status_code < 300, response.status_code
    return results[0] if results else None


def scim_user():
    """Returns the user whom the service provider holds."""
    query = urllib.parse.urlencode({"filter": f'userName eq "{LOGIN}"'})
    request = urllib.request.Request(
        f"{os.environ['SCIM_URL']}/Users?{query}",
        headers={"Authorization": f"Bearer {os.environ['SCIM_TOKEN']}"},
    )
    with urllib.request.urlopen(request) as response:
        resources = json.load(response)["Resources"]
    assert len(resources) == 1, resources
    return resources[0]


async def main():
    app = os.environ["OKTA_APP_ID"]
    client = Client()

    found = done(await client.get_application(app))
    assert found.id == app, found

    profile = UserProfile(first_name="Sdk", last_name="User", email=LOGIN, login=LOGIN, title="Engineer")
    credentials = UserCredentialsWritable(password=PasswordCredential(value="Kv7J2LEa"))
    user = done(await client.create_user(CreateUserRequest(profile=profile, credentials=credentials)))
    assert user.status.value == "ACTIVE", user.status

    assigned = done(await client.assign_user_to_application(app, AppUserAssignRequest(id=user.id, scope="USER")))
    assert assigned.external_id == scim_user()["id"], assigned

    renamed = UpdateUserRequest(profile=UserProfile(first_name="Renamed"))
    assert done(await client.update_user(user.id, renamed)).profile.first_name == "Renamed"
    assert scim_user()["name"]["givenName"] == "Renamed"

    done(await client.deactivate_user(user.id))
    assert scim_user()["active"] is False

    events = done(await client.list_log_events(filter=f'target.id eq "{user.id}"', limit=100))
    types = [event.event_type for event in events]
    for expected in (
        "user.lifecycle.create",
        "application.user_membership.add",
        "application.provision.user.push",
        "application.provision.user.push_profile",
        "user.lifecycle.deactivate",
        "application.provision.user.deactivate",
    ):
        assert expected in types, (expected, types)
    assert all(event.outcome.result == "SUCCESS" for event in events), events

    missing = await client.get_user("00unobody")
    assert missing[-1] is not None and "E0000007" in str(missing[-1]), missing
    print(f"{len(events)} events, {len(set(types))} kinds: the SDK and the mock org understand each other")


asyncio.run(main())
