"""People and groups, as the package's guide would have them."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class Group(AbstractSCIMGroupMixin):
    name = models.CharField(max_length=254, db_collation="NOCASE")


class User(AbstractSCIMUserMixin, AbstractBaseUser):
    # Without case: RFC 7643 §4.1.1 has userName unique and caseExact false, which is for the database to see to.
    username = models.CharField(max_length=254, unique=True, db_collation="NOCASE")
    first_name = models.CharField(max_length=254, blank=True)
    last_name = models.CharField(max_length=254, blank=True)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    groups = models.ManyToManyField(Group, related_name="user_set")

    objects = BaseUserManager()

    USERNAME_FIELD = "username"

    @property
    def scim_groups(self):
        return self.groups
