//! A group as an import reads it out of a list.

use serde_json::{Map, Value};

use super::entry::{self, EntryFault};
use super::fingerprint;

/// A group of the service provider.
#[derive(Debug, Clone, PartialEq)]
pub struct RemoteGroup {
    /// The service provider's `id`.
    pub id: String,
    /// `displayName`.
    pub display_name: String,
    /// The members, as far as the service provider tells them: it may leave them out.
    pub members: Vec<RemoteMember>,
    /// The entry as received.
    pub resource: Map<String, Value>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteMember {
    /// The id of the user, or `None` where the entry has none.
    pub value: Option<String>,
    /// Whether it calls itself a group. What Okta makes of a group in a group is not documented; here it
    /// is no user.
    pub is_group: bool,
}

impl RemoteGroup {
    /// Reads an entry of `/Groups`. That `displayName` is needed is inferred: Okta has no group without a
    /// name.
    pub(crate) fn read(id: String, entry: Value) -> Result<RemoteGroup, EntryFault> {
        entry::check_schemas(&entry)?;
        let display_name = entry::text(&entry["displayName"], "displayName")?
            .filter(|name| !name.is_empty())
            .ok_or(EntryFault::Missing("displayName"))?;
        let members = match &entry["members"] {
            Value::Null => Vec::new(),
            Value::Array(members) => members.iter().map(member).collect(),
            _ => return Err(EntryFault::NotAnArray("members")),
        };
        match entry {
            Value::Object(resource) => Ok(RemoteGroup { id, display_name, members, resource }),
            _ => Err(EntryFault::NotAnObject),
        }
    }

    /// Returns the numbers of what Okta compares: the name, and who is in it, in whatever order.
    pub(crate) fn fingerprint(&self) -> Box<[u64]> {
        let members = self.members.iter().filter_map(|member| member.value.as_deref());
        let sum = members.fold(0_u64, |sum, id| sum.wrapping_add(fingerprint::of(id)));
        Box::new([fingerprint::of(&self.display_name), sum])
    }
}

/// The attributes behind [`RemoteGroup::fingerprint`].
pub(crate) const COMPARED: [&str; 2] = ["displayName", "members"];

fn member(member: &Value) -> RemoteMember {
    RemoteMember {
        value: fingerprint::text(&member["value"]),
        is_group: member["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("Group")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(members: Value) -> Result<RemoteGroup, EntryFault> {
        RemoteGroup::read(
            "g".to_owned(),
            json!({ "schemas": ["s"], "id": "g", "displayName": "Crew", "members": members }),
        )
    }

    #[test]
    fn members_may_be_absent_and_their_order_does_not_matter() {
        assert!(read(json!(null)).unwrap().members.is_empty());
        let one = read(json!([{ "value": "1" }, { "value": 2 }])).unwrap();
        let other = read(json!([{ "value": "2", "display": "x" }, { "value": "1" }])).unwrap();
        assert_eq!(one.fingerprint(), other.fingerprint());
        assert_ne!(one.fingerprint(), read(json!([{ "value": "1" }])).unwrap().fingerprint());
    }

    #[test]
    fn members_are_an_array_and_a_group_has_a_name() {
        assert_eq!(read(json!({})).unwrap_err(), EntryFault::NotAnArray("members"));
        let nameless = RemoteGroup::read("g".to_owned(), json!({ "schemas": ["s"], "displayName": "" }));
        assert_eq!(nameless.unwrap_err(), EntryFault::Missing("displayName"));
    }
}
