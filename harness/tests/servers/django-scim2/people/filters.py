"""By what groups are found, which the package leaves to the vendor."""

from django_scim.filters import GroupFilterQuery


class GroupFilter(GroupFilterQuery):
    attr_map = {("displayName", None, None): "name"}
