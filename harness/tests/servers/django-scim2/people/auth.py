"""One bearer token, whose owner may do everything."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils.crypto import constant_time_compare


class Client:
    """Whoever has the token."""

    is_authenticated = True


def bearer_token(get_response):
    def middleware(request):
        sent = request.headers.get("Authorization", "")
        is_known = constant_time_compare(sent, f"Bearer {settings.SCIM_TOKEN}")
        request.user = Client() if is_known else AnonymousUser()
        return get_response(request)

    return middleware
